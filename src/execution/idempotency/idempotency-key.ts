/** The Idempotency-Key of a request: draft-ietf-httpapi-idempotency-key-header. */
import { ApiHeader } from '@nestjs/swagger';
import { invalidFieldProblem } from '../../common/problems/problem.exception';

export const KEY_LENGTH_MAX = 255;
const NAME = 'Idempotency-Key';
const VISIBLE = /^[\x21-\x7e]+$/;
/** A String of RFC 9651, in which quotes and backslashes are escaped. */
const STRING = /^"((?:[^"\\]|\\["\\])*)"$/;

/**
 * The draft has the key in double quotes, and most clients send it without: both are the same key.
 * @returns undefined when there is none
 * @throws ProblemException `validation-failed`
 */
export function parseIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const given = typeof header === 'string' ? header : header.join(', ');
  const key = given.startsWith('"') ? STRING.exec(given)?.[1]?.replace(/\\(.)/g, '$1') : given;
  if (key !== undefined && key.length <= KEY_LENGTH_MAX && VISIBLE.test(key)) return key;
  throw invalidFieldProblem(
    NAME,
    `must be one key of 1 to ${KEY_LENGTH_MAX.toString()} visible ASCII characters, bare or as a string in double quotes`,
  );
}

/** Documents the header. */
export const ApiIdempotencyKey = (): MethodDecorator & ClassDecorator =>
  ApiHeader({
    name: NAME,
    required: false,
    description: DESCRIPTION,
    // No example: Swagger UI would fill it in, and every call would be a repetition of the first.
    schema: { type: 'string', minLength: 1, maxLength: KEY_LENGTH_MAX + 2 },
  });

const DESCRIPTION = `A new key (best a random UUID) for each new request, and the same one to repeat it, for example after a lost connection: within 24 h that does nothing a second time, and gives the first answer again, with \`Idempotency-Replayed: true\`. A request that is refused (4xx) leaves its key free, and one that fails (5xx) can be repeated with its own. 1 to ${KEY_LENGTH_MAX.toString()} visible ASCII characters, bare or in double quotes.`;

/** For the answer of success. */
export const REPLAYED_HEADER = {
  'Idempotency-Replayed': {
    description: 'There when this answer was given before.',
    schema: { type: 'string' as const, enum: ['true'] },
    example: 'true',
  },
};

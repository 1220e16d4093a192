import { ApiHeader } from '@nestjs/swagger';
import { invalidFieldProblem } from '../../common/problems/problem.exception';

export const KEY_LENGTH_MAX = 255;
const HEADER_NAME = 'Idempotency-Key';
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
/** A String of RFC 9651, 3.3.3, in which quotes and backslashes are escaped. */
const QUOTED_STRING = /^"((?:[^"\\]|\\["\\])*)"$/;

/**
 * Reads the header of draft-ietf-httpapi-idempotency-key-header. The draft puts the key in double quotes, but most
 * clients send it without; both forms are the same key.
 * @returns undefined without the header
 * @throws ProblemException `validation-failed`
 */
export function parseIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = typeof header === 'string' ? header : header.join(', ');
  const key = text.startsWith('"') ? QUOTED_STRING.exec(text)?.[1]?.replace(/\\(.)/g, '$1') : text;
  if (key !== undefined && key.length <= KEY_LENGTH_MAX && VISIBLE_ASCII.test(key)) return key;
  throw invalidFieldProblem(
    HEADER_NAME,
    `must be one key of 1 to ${KEY_LENGTH_MAX.toString()} visible ASCII characters, with or without double quotes`,
  );
}

/** Documents the header. */
export const ApiIdempotencyKey = (): MethodDecorator & ClassDecorator =>
  ApiHeader({
    name: HEADER_NAME,
    required: false,
    description: HEADER_DESCRIPTION,
    // No example, because Swagger UI would send it, and every request would repeat the first one.
    schema: { type: 'string', minLength: 1, maxLength: KEY_LENGTH_MAX + 2 },
  });

const HEADER_DESCRIPTION = `Makes a request safe to retry. Send a new key, preferably a random UUID, with each new request, and the same key to retry it, for example after a lost connection. Within 24 hours a retry does nothing a second time and returns the first response again, with \`Idempotency-Replayed: true\`. After a client error (4xx) the key can be used for a corrected request, and after a server error (5xx) the request can be retried with the same key. The key has 1 to ${KEY_LENGTH_MAX.toString()} visible ASCII characters, with or without double quotes.`;

/** Documents the header of a success response. */
export const REPLAYED_HEADER = {
  'Idempotency-Replayed': {
    description:
      'Present when this is the stored response to an earlier request with the same Idempotency-Key.',
    schema: { type: 'string' as const, enum: ['true'] },
    example: 'true',
  },
};

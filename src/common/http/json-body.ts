import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemException } from '../problems/problem.exception';

/**
 * Replaces Fastify's JSON parser, which silently turns invalid UTF-8 into U+FFFD. This parser rejects invalid UTF-8 and
 * encoded bodies, and treats an empty body as absent.
 */
export function useStrictJsonParser(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const problem = findBodyProblem(request, body);
    if (problem) done(problem);
    else if (body.length === 0) done(null, undefined);
    else parse(body, done);
  });
}

/** Keeps `__proto__` as a field; validation rejects it by name. */
function parse(body: Buffer, done: (error: Error | null, value?: unknown) => void): void {
  try {
    done(null, JSON.parse(body.toString('utf8').replace(BYTE_ORDER_MARK, '')));
  } catch (error) {
    done(malformedJsonProblem(`The body is not valid JSON: ${(error as SyntaxError).message}.`, error));
  }
}

function findBodyProblem(request: FastifyRequest, body: Buffer): ProblemException | undefined {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return new ProblemException(
      'unsupported-media-type',
      `A body with Content-Encoding ${encoding} is not supported.`,
    );
  }
  return isUtf8(body) ? undefined : malformedJsonProblem('The body is not valid UTF-8.');
}

/** A parser may ignore it (RFC 8259, 8.1). */
const BYTE_ORDER_MARK = /^\uFEFF/;

const malformedJsonProblem = (detail: string, cause?: unknown): ProblemException =>
  new ProblemException('malformed-json', detail, { cause });

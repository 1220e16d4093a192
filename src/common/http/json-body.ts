/** Reads a JSON body strictly: it must be UTF-8, not encoded, and an empty one counts as absent. */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemException } from '../problems/problem.exception';

/** Replaces Fastify's parser, which turns bytes that are not UTF-8 into U+FFFD without a word. */
export function registerJsonBody(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const problem = problemOf(request, body);
    if (problem) done(problem);
    else if (body.length === 0) done(null, undefined);
    else {
      void parse(request, body.toString('utf8'), (error, value) => {
        if (error) done(malformed(`The body is not valid JSON: ${error.message}.`, error));
        else done(null, value);
      });
    }
  });
}

function problemOf(request: FastifyRequest, body: Buffer): ProblemException | undefined {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return new ProblemException(
      'unsupported-media-type',
      `A body with Content-Encoding ${encoding} is not supported.`,
    );
  }
  return isUtf8(body) ? undefined : malformed('The body is not valid UTF-8.');
}

const malformed = (detail: string, cause?: unknown): ProblemException =>
  new ProblemException('malformed-json', detail, { cause });

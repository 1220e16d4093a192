/** Checks of the request line and the headers that Node's parser leaves to the application. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopbackAuthority } from '../../config/loopback';
import { ProblemException } from '../problems/problem.exception';
import { answerClientError } from './client-errors';

/** Node answers these three itself, without a problem and without an id, or not at all. */
export function answerExpectAndConnect({ server }: FastifyInstance): void {
  // An expectation that is not known may be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (_request, socket) => {
    answerClientError(new Error('CONNECT is for proxies'), socket);
  });
}

/** Node's own check is turned off for this one, which answers with a problem. */
export const NODE_HTTP_OPTIONS = { requireHostHeader: false } as const;

/** @returns undefined when all is well */
export function findHeadProblem({ url, headers, raw }: FastifyRequest): ProblemException | undefined {
  if (headers.host === undefined && raw.httpVersion === '1.1') {
    return new ProblemException('malformed-request', 'The request has no Host header.');
  }
  // The parser of queries would take what it cannot decode as it is.
  return isDecodable(url.slice(url.indexOf('?') + 1))
    ? undefined
    : new ProblemException('malformed-request', 'The query is not UTF-8 in percent-encoding.');
}

/**
 * A page of any domain may let its name point to 127.0.0.1 and is of the same origin then; its Host header still tells.
 * @returns undefined when all is well
 */
export function findHostProblem({ headers: { host } }: FastifyRequest): ProblemException | undefined {
  // A request of HTTP/1.0 may have none; browsers send none without.
  return host === undefined || isLoopbackAuthority(host)
    ? undefined
    : new ProblemException(
        'malformed-request',
        'The Host is not this server’s: it answers to names of loopback alone while programs may run without isolation.',
      );
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

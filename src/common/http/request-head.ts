import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopbackAuthority } from '../../config/loopback';
import { ProblemException } from '../problems/problem.exception';
import { respondToClientError } from './client-errors';

/** Handles Expect and CONNECT, to which Node would respond without a problem, or not at all. */
export function handleExpectAndConnect({ server }: FastifyInstance): void {
  // A server may ignore an unknown expectation (RFC 9110, 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (_request, socket) => {
    respondToClientError(new Error('CONNECT is not supported'), socket);
  });
}

/** Turns off Node's check for a Host header. findHeadProblem() does this check and returns a problem. */
export const NODE_HTTP_OPTIONS = { requireHostHeader: false } as const;

/** Checks the parts of the request line and headers that Node's parser does not check. */
export function findHeadProblem({ url, headers, raw }: FastifyRequest): ProblemException | undefined {
  if (headers.host === undefined && raw.httpVersion === '1.1') {
    return new ProblemException('malformed-request', 'The request has no Host header.');
  }
  // The query parser keeps invalid percent-encoding as it is.
  return isDecodable(url.slice(url.indexOf('?') + 1))
    ? undefined
    : new ProblemException('malformed-request', 'The percent-encoding of the query is not valid UTF-8.');
}

/**
 * Protects against DNS rebinding: a page of any domain can make its name resolve to 127.0.0.1 and is then of the same origin
 * as this server, but the Host header still has the name of the domain.
 */
export function findHostProblem({ headers: { host } }: FastifyRequest): ProblemException | undefined {
  // An HTTP/1.0 request may have no Host header. Browsers always send it.
  return host === undefined || isLoopbackAuthority(host)
    ? undefined
    : new ProblemException(
        'malformed-request',
        'The Host header does not name a loopback address. This server accepts no other host because it may run programs without isolation.',
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

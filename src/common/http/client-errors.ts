import type { Duplex } from 'node:stream';
import { v7 as uuidv7 } from 'uuid';
import { PROBLEMS, type ProblemCode } from '../problems/catalogue';
import { PROBLEM_MEDIA_TYPE, ProblemBody } from '../problems/problem.body';
import { ProblemException } from '../problems/problem.exception';

/** Error codes of Node's HTTP parser and server; all others are `malformed-request`. */
const PROBLEM_BY_ERROR_CODE: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/**
 * Writes a problem response to the socket of a request that Node could not parse or that did not arrive in time. There is no
 * request object for such a request.
 */
export function respondToClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = PROBLEM_BY_ERROR_CODE[error.code ?? ''] ?? 'malformed-request';
  const requestId = uuidv7();
  const problem = new ProblemException(code, `${PROBLEMS[code].title}.`);
  const body = JSON.stringify(ProblemBody.from(problem, '', requestId));
  const head = [
    `HTTP/1.1 ${PROBLEMS[code].status.toString()} ${PROBLEMS[code].title}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body).toString()}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

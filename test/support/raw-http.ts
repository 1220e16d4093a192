/** Bytes on a connection of their own, for requests that no HTTP client would send. */
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import type { ApiResponse, ProblemBody } from './api';

/**
 * Sends all parts, reads meanwhile, and gives the answer. A server that closes early is no fault as long as its answer
 * has come whole.
 * @param halfClose whether to end the sending direction after the last part
 */
export function sendRaw(
  url: string,
  parts: Iterable<string | Buffer>,
  { halfClose = false } = {},
): Promise<ApiResponse<ProblemBody>> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const source = Readable.from(parts, { objectMode: true });
    let received = Buffer.alloc(0);
    const settle = (isOver: boolean): void => {
      const answer = parseResponse(received);
      if (answer && (isOver || source.readableEnded)) {
        resolve(answer);
        socket.destroy();
      } else if (isOver) {
        reject(new Error(`The connection ended without a whole answer: ${received.toString('latin1')}`));
      }
    };
    socket.on('data', (part) => {
      received = Buffer.concat([received, part]);
      settle(false);
    });
    source.once('end', () => {
      settle(false);
    });
    // Whatever breaks the connection closes it as well, and the answer may have come before.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      source.destroy();
      settle(true);
    });
    source.pipe(socket, { end: halfClose });
  });
}

/** The first answer in these bytes; undefined while it is not whole. */
function parseResponse(bytes: Buffer): ApiResponse<ProblemBody> | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const body = bytes.subarray(end + 4);
  if (body.length < Number(headers.get('content-length'))) return undefined;
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    body: JSON.parse(body.toString('utf8')) as ProblemBody,
  };
}

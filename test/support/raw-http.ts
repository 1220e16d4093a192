import { connect } from 'node:net';
import { Readable } from 'node:stream';
import type { ApiResponse, ProblemBody } from './api';

/**
 * Sends bytes that no HTTP client would send, and returns the response. The server may close the connection early if its
 * response is complete.
 * @param halfClose whether to end the sending direction after the last part
 * @throws Error if the connection ends without a complete response
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
    const settle = (isClosed: boolean): void => {
      const response = parseResponse(received);
      if (response && (isClosed || source.readableEnded)) {
        resolve(response);
        socket.destroy();
      } else if (isClosed) {
        reject(new Error(`The connection ended without a complete response: ${received.toString('latin1')}`));
      }
    };
    socket.on('data', (part) => {
      received = Buffer.concat([received, part]);
      settle(false);
    });
    source.once('end', () => {
      settle(false);
    });
    // An error also closes the socket, and the response may have arrived before.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      source.destroy();
      settle(true);
    });
    source.pipe(socket, { end: halfClose });
  });
}

/** The first response in these bytes; undefined while it is incomplete. */
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

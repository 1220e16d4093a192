const MIB = 1024 * 1024;
const PART = Buffer.alloc(64 * 1024, 'a');

type Parts = Generator<string | Buffer>;

/** Size of each body in bytes. */
export const LARGE_BODY_BYTES = 100 * MIB;

function* counted(path: string): Parts {
  yield `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${LARGE_BODY_BYTES.toString()}\r\n\r\n`;
  for (let sent = 0; sent < LARGE_BODY_BYTES; sent += PART.length) yield PART;
}

function* chunked(path: string): Parts {
  yield `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
  for (let sent = 0; sent < LARGE_BODY_BYTES; sent += PART.length) {
    yield `${PART.length.toString(16)}\r\n`;
    yield PART;
    yield '\r\n';
  }
  yield '0\r\n\r\n';
}

/** Name, and a generator of the parts of a request to a path. */
export const LARGE_BODIES: readonly (readonly [string, (path: string) => Parts])[] = [
  ['with a content length', counted],
  ['in chunks', chunked],
];

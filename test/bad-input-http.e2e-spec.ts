/** Invalid HTTP: paths, methods, headers, bytes that are not a request, and request ids. */
import { expectNoChange } from './support/footprint';
import { type Gateway, startGateway } from './support/gateway';
import { httpTests } from './support/http-tests';
import { expectProblem } from './support/problem';
import { sendRaw } from './support/raw-http';

const UPLOAD = JSON.stringify({ code: 'print(1)', language: 'python' });
const UPLOAD_HEAD = `POST /api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;

/** Name, bytes, status, code. */
const INVALID_REQUESTS: readonly (readonly [string, string | Buffer, number, string])[] = [
  ['plain text', 'hello, is anybody there?\r\n\r\n', 400, 'malformed-request'],
  ['zeros', Buffer.alloc(1000), 400, 'malformed-request'],
  ['a TLS handshake', Buffer.from('160301020001000', 'hex'), 400, 'malformed-request'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed-request'],
  ['an unknown HTTP version', 'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n', 400, 'malformed-request'],
  ['an unknown method', 'FETCH / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'malformed-request'],
  ['CONNECT', 'CONNECT example.org:443 HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'malformed-request'],
  ['a blank in the path', 'GET /api/a b HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'malformed-request'],
  ['raw unicode in the path', 'GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'malformed-request'],
  [
    'a header without a colon',
    'GET / HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n',
    400,
    'malformed-request',
  ],
  ['no Host', 'GET /api/health/live HTTP/1.1\r\n\r\n', 400, 'malformed-request'],
  [
    'a Content-Length that is not a number',
    `${UPLOAD_HEAD}Content-Length: two\r\n\r\n{}`,
    400,
    'malformed-request',
  ],
  ['a negative Content-Length', `${UPLOAD_HEAD}Content-Length: -2\r\n\r\n{}`, 400, 'malformed-request'],
  [
    'Content-Length and Transfer-Encoding',
    `${UPLOAD_HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
    400,
    'malformed-request',
  ],
  [
    'a chunk with an invalid length',
    `${UPLOAD_HEAD}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n`,
    400,
    'malformed-request',
  ],
  [
    'headers that exceed the limit',
    `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers-too-large',
  ],
  [
    'too many headers',
    `GET / HTTP/1.1\r\nHost: localhost\r\n${'X-Many: a\r\n'.repeat(3000)}\r\n`,
    431,
    'headers-too-large',
  ],
  [
    'a URL that exceeds the limit',
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    431,
    'headers-too-large',
  ],
];

describe('invalid HTTP requests, with default settings', () => {
  httpTests({});
});

describe('invalid HTTP requests', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
    await gateway.api.upload('python', 'print("was here before")');
  });
  afterAll(() => gateway.close());

  const raw = (bytes: string | Buffer, options?: { halfClose: boolean }) =>
    expectNoChange(gateway, () => sendRaw(gateway.api.url, [bytes], options));

  it('an unsupported method with a valid body has no effect', async () => {
    const init = { headers: { 'content-type': 'application/json' }, body: UPLOAD };
    const response = await expectNoChange(gateway, () => gateway.api.request('PUT', '/api/upload', init));
    expectProblem(response, 405, 'method-not-allowed', '/api/upload');
  });

  it.each(['/%', '/%zz', '/api/status/%', '/api/status/%FF', '/api/status/%C3%28', '/problems/%E0%A4'])(
    'the invalid percent-encoding in %s is rejected',
    async (path) => {
      const response = await expectNoChange(gateway, () => gateway.api.get(`${path}?limit=1`));
      expectProblem(response, 400, 'malformed-request', path);
    },
  );

  it.each(INVALID_REQUESTS)('an invalid request (%s) gets a problem', async (_name, bytes, status, code) => {
    expectProblem(await raw(bytes), status, code);
  });

  it('an unknown expectation is ignored', async () => {
    const head = `${UPLOAD_HEAD}Expect: a-miracle\r\nContent-Length: 2\r\n\r\n`;
    expectProblem(await raw(`${head}{}`), 400, 'validation-failed', '/api/upload');
  });

  it('a body that is shorter than its Content-Length is a problem', async () => {
    const head = `${UPLOAD_HEAD}Content-Length: ${(UPLOAD.length * 2).toString()}\r\n\r\n`;
    expectProblem(await raw(head + UPLOAD, { halfClose: true }), 400, 'malformed-request');
  });
});

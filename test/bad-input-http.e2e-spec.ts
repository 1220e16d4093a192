/** Requests that are wrong as HTTP: addresses, methods, heads, bytes that are no request, and ids of requests. */
import { expectNoChange } from './support/footprint';
import { type Gateway, startGateway } from './support/gateway';
import { httpTests } from './support/http-tests';
import { expectProblem } from './support/problem';
import { sendRaw } from './support/raw-http';

const UPLOAD = JSON.stringify({ code: 'print(1)', language: 'python' });
const UPLOAD_HEAD = `POST /api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;

/** Name, bytes, status, code. */
const NO_REQUESTS: readonly (readonly [string, string | Buffer, number, string])[] = [
  ['words', 'hello, is anybody there?\r\n\r\n', 400, 'malformed-request'],
  ['zeros', Buffer.alloc(1000), 400, 'malformed-request'],
  ['the beginning of TLS', Buffer.from('160301020001000', 'hex'), 400, 'malformed-request'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed-request'],
  ['a version that is not there', 'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n', 400, 'malformed-request'],
  ['a method that is not there', 'FETCH / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'malformed-request'],
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
  ['a length that is no number', `${UPLOAD_HEAD}Content-Length: two\r\n\r\n{}`, 400, 'malformed-request'],
  ['a negative length', `${UPLOAD_HEAD}Content-Length: -2\r\n\r\n{}`, 400, 'malformed-request'],
  [
    'two lengths',
    `${UPLOAD_HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
    400,
    'malformed-request',
  ],
  [
    'a chunk without a length',
    `${UPLOAD_HEAD}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n`,
    400,
    'malformed-request',
  ],
  [
    'headers that overflow',
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
    'a URL that overflows',
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    431,
    'headers-too-large',
  ],
];

describe('what is wrong as HTTP, without settings', () => {
  httpTests({});
});

describe('what is wrong as HTTP', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
    await gateway.api.upload('python', 'print("was here before")');
  });
  afterAll(() => gateway.close());

  const raw = (bytes: string | Buffer, options?: { halfClose: boolean }) =>
    expectNoChange(gateway, () => sendRaw(gateway.api.url, [bytes], options));

  it('a wrong method with a good body does nothing with it', async () => {
    const init = { headers: { 'content-type': 'application/json' }, body: UPLOAD };
    const answer = await expectNoChange(gateway, () => gateway.api.request('PUT', '/api/upload', init));
    expectProblem(answer, 405, 'method-not-allowed', '/api/upload');
  });

  it.each(['/%', '/%zz', '/api/status/%', '/api/status/%FF', '/api/status/%C3%28', '/problems/%E0%A4'])(
    'the malformed percent-encoding in %s is refused',
    async (path) => {
      const answer = await expectNoChange(gateway, () => gateway.api.get(`${path}?limit=1`));
      expectProblem(answer, 400, 'malformed-request', path);
    },
  );

  it.each(NO_REQUESTS)(
    'bytes that are no good request (%s) get a problem',
    async (_name, bytes, status, code) => {
      expectProblem(await raw(bytes), status, code);
    },
  );

  it('an expectation that nobody knows is ignored, and the request gets its own answer', async () => {
    const head = `${UPLOAD_HEAD}Expect: a-miracle\r\nContent-Length: 2\r\n\r\n`;
    expectProblem(await raw(`${head}{}`), 400, 'validation-failed', '/api/upload');
  });

  it('a body that ends before its length is a problem', async () => {
    const head = `${UPLOAD_HEAD}Content-Length: ${(UPLOAD.length * 2).toString()}\r\n\r\n`;
    expectProblem(await raw(head + UPLOAD, { halfClose: true }), 400, 'malformed-request');
  });
});

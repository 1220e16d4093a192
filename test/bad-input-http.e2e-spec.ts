/** Requests that are wrong as HTTP: addresses, methods, heads, bytes that are no request, and ids of requests. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { changesNothing } from './support/footprint';
import { type Gateway, startGateway } from './support/gateway';
import { expectProblem } from './support/problem';
import { exchange } from './support/wire';

const ID = '01935d2e-7c1a-7000-8000-000000000000';
const UPLOAD = JSON.stringify({ code: 'print(1)', language: 'python' });
const UPLOAD_HEAD = `POST /api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;

const UNKNOWN_PATHS = [
  '/api',
  '/api/nothing',
  '/api/Languages',
  '/api/languages/',
  '/api//languages',
  '/api/status/',
  `/api/status/${ID}/`,
  `/api/status/${ID}/more`,
  `/api/jobs/${ID}`,
  '/api/jobs/code',
  '/problems/no-such-problem',
  '/problems/toString',
  '/.env',
  '/%2e%2e%2fetc%2fpasswd',
  '/%00',
];

/** Path, methods that it has. */
const METHODS = [
  ['/api/upload', 'POST'],
  [`/api/execute/${ID}`, 'POST'],
  [`/api/cancel/${ID}`, 'POST'],
  [`/api/status/${ID}`, 'GET, HEAD'],
  ['/api/jobs', 'GET, HEAD'],
  [`/api/jobs/${ID}/code`, 'GET, HEAD'],
  [`/api/jobs/${ID}/logs`, 'GET, HEAD'],
  ['/api/languages', 'GET, HEAD'],
  ['/api/health', 'GET, HEAD'],
  ['/api/health/live', 'GET, HEAD'],
  ['/api/health/ready', 'GET, HEAD'],
  ['/problems', 'GET, HEAD'],
  ['/problems/job-not-found', 'GET, HEAD'],
  ['/', 'GET, HEAD'],
] as const;

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

/** With CORS there is a route for preflights besides, and in development a check of the Host. */
const SETTINGS: readonly (readonly [string, Record<string, string>])[] = [
  ['without CORS', {}],
  ['in development', { ENVIRONMENT: 'development' }],
  ['with CORS_ORIGINS', { CORS_ORIGINS: 'https://front.example' }],
];

describe.each(SETTINGS)('what is wrong as HTTP, %s', (_name, settings) => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway(settings);
  });
  afterAll(() => gateway.close());

  it.each(UNKNOWN_PATHS)('an unknown route %s is a 404', async (path) => {
    const answer = await changesNothing(gateway, () => gateway.api.get(path));
    expectProblem(answer, 404, 'route-not-found', path);
    const posted = await changesNothing(gateway, () =>
      gateway.api.post(path, { code: 'a', language: 'python' }),
    );
    expect([404, 405]).toContain(posted.status);
  });

  it.each(METHODS)('a wrong method at %s is a 405 that allows %s', async (path, allowed) => {
    const wrong = ['PUT', 'PATCH', 'DELETE', 'OPTIONS', allowed === 'POST' ? 'GET' : 'POST'];
    for (const method of wrong) {
      const answer = await changesNothing(gateway, () => gateway.api.request(method, path));
      const { detail } = expectProblem(answer, 405, 'method-not-allowed', path);
      expect(answer.headers.get('allow')).toBe(allowed);
      expect(detail).toContain(allowed);
    }
  });

  it.each(['a', 'A-1_b.c', '0'.repeat(128)])('the harmless id of a request %s is kept', async (id) => {
    for (const path of ['/api/health/live', '/api/nothing', '/%zz', '/api/jobs?limit=0', '/api/jobs?%zz']) {
      const { headers, body } = await gateway.api.get(path, { 'x-request-id': id });
      expect(headers.get('x-request-id')).toBe(id);
      expect(path === '/api/health/live' || body['request_id'] === id).toBe(true);
    }
  });

  it.each([
    ['that is empty', ''],
    ['of 129 characters', '0'.repeat(129)],
    ['with a blank', 'a b'],
    ['with a slash', '../a'],
    ['with markup', '<script>'],
    ['in unicode', 'é'],
    ['given twice', 'a\r\nX-Request-Id: b'],
  ])('an id of a request %s is replaced', async (_name, id) => {
    const answer = await exchange(gateway.api.url, [
      `GET /api/nothing HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${id}\r\n\r\n`,
    ]);
    const { request_id } = expectProblem(answer, 404, 'route-not-found');
    expect(request_id).not.toBe(id);
    expect(request_id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('what is wrong as HTTP', () => {
  let gateway: Gateway;
  let jobId = '';
  beforeAll(async () => {
    gateway = await startGateway();
    jobId = await gateway.api.upload('python', 'print("was here before")');
  });
  afterAll(() => gateway.close());

  const raw = (bytes: string | Buffer, options?: { halfClose: boolean }) =>
    changesNothing(gateway, () => exchange(gateway.api.url, [bytes], options));

  it('a wrong method with a good body does nothing with it', async () => {
    const init = { headers: { 'content-type': 'application/json' }, body: UPLOAD };
    const answer = await changesNothing(gateway, () => gateway.api.request('PUT', '/api/upload', init));
    expectProblem(answer, 405, 'method-not-allowed', '/api/upload');
  });

  it.each(['/%', '/%zz', '/api/status/%', '/api/status/%FF', '/api/status/%C3%28', '/problems/%E0%A4'])(
    'the malformed percent-encoding in %s is refused',
    async (path) => {
      const answer = await changesNothing(gateway, () => gateway.api.get(`${path}?limit=1`));
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

  it.each([
    ['an upload', () => '/api/upload', UPLOAD],
    ['an execution', () => `/api/execute/${jobId}`, '{"input":"World"}'],
    ['a cancel', () => `/api/cancel/${jobId}`, '{}      '],
  ])('%s that is cut off in the middle does nothing, and the service goes on', async (_name, path, body) => {
    await changesNothing(gateway, async () => {
      const arrived = once(gateway.app.getHttpServer(), 'request') as Promise<[IncomingMessage]>;
      const { hostname, port } = new URL(gateway.api.url);
      const socket = connect(Number(port), hostname);
      const half = body.slice(0, body.length / 2);
      socket.write(
        `POST ${path()} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length.toString()}\r\n\r\n${half}`,
      );
      const [request] = await arrived;
      // Not `once` of node:events: the request ends with an error, as it should.
      const closed = new Promise((resolve) => request.once('close', resolve));
      socket.destroy();
      await closed;
      expect(request.complete).toBe(false);
      expect((await gateway.api.get('/api/health/live')).status).toBe(200);
    });
  });

  it('a request that stops in its middle is not waited for for ever', () => {
    const { requestTimeout } = gateway.app.getHttpServer();
    expect(requestTimeout).toBeGreaterThan(0);
    expect(requestTimeout).toBeLessThanOrEqual(300_000);
  });
});

import type { Overrides } from './applications';
import { expectNoChange } from './footprint';
import { type Gateway, startGateway } from './gateway';
import { expectProblem } from './problem';
import { sendRaw } from './raw-http';

const ID = '01935d2e-7c1a-7000-8000-000000000000';

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

/** Path, allowed methods. */
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

/** @param additional settings */
export function httpTests(settings: Overrides): void {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway(settings);
  });
  afterAll(() => gateway.close());

  it.each(UNKNOWN_PATHS)('responds with 404 at the unknown route %s', async (path) => {
    const response = await expectNoChange(gateway, () => gateway.api.get(path));
    expectProblem(response, 404, 'route-not-found', path);
    const posted = await expectNoChange(gateway, () =>
      gateway.api.post(path, { code: 'a', language: 'python' }),
    );
    expect([404, 405]).toContain(posted.status);
  });

  it.each(METHODS)('responds with 405 to other methods at %s, which allows %s', async (path, allowed) => {
    const wrong = ['PUT', 'PATCH', 'DELETE', 'OPTIONS', allowed === 'POST' ? 'GET' : 'POST'];
    await expectNoChange(gateway, async () => {
      for (const method of wrong) {
        const response = await gateway.api.request(method, path);
        const { detail } = expectProblem(response, 405, 'method-not-allowed', path);
        expect(response.headers.get('allow')).toBe(allowed);
        expect(detail).toContain(allowed);
      }
    });
  });

  it.each(['a', 'A-1_b.c', '0'.repeat(128)])('keeps the valid request id %s', async (id) => {
    for (const path of ['/api/health/live', '/api/nothing', '/%zz', '/api/jobs?limit=0', '/api/jobs?%zz']) {
      const { headers, body } = await gateway.api.get(path, { 'x-request-id': id });
      expect(headers.get('x-request-id')).toBe(id);
      expect(path === '/api/health/live' || body['request_id'] === id).toBe(true);
    }
  });

  it.each([
    ['that is empty', ''],
    ['of 129 characters', '0'.repeat(129)],
    ['with a space', 'a b'],
    ['with a slash', '../a'],
    ['with markup', '<script>'],
    ['in Unicode', 'é'],
    ['that is sent twice', 'a\r\nX-Request-Id: b'],
  ])('replaces a request id %s', async (_name, id) => {
    const response = await sendRaw(gateway.api.url, [
      `GET /api/nothing HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${id}\r\n\r\n`,
    ]);
    const { request_id } = expectProblem(response, 404, 'route-not-found');
    expect(request_id).not.toBe(id);
    expect(request_id).toMatch(/^[0-9a-f-]{36}$/);
  });
}

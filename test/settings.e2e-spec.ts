/** Settings that change what clients and browsers see. */
import type { ApiResponse } from './support/api';
import { expectNoChange } from './support/footprint';
import { type Gateway, startEngine, startGateway } from './support/gateway';
import { expectProblem } from './support/problem';
import { createTemporaryDirectory } from './support/temporary-directory';
import { sendRaw } from './support/raw-http';

async function withGateway(
  overrides: Record<string, string>,
  use: (gateway: Gateway) => Promise<void>,
): Promise<void> {
  const gateway = await startGateway(overrides);
  try {
    await use(gateway);
  } finally {
    await gateway.close();
  }
}

const FRONTEND_ORIGIN = 'https://front.example';
const LOCAL_ORIGIN = 'http://localhost:5173';

/** @returns the origins that may read responses */
async function findAllowedOrigins({ api }: Gateway, ...origins: string[]): Promise<string[]> {
  const allowed = origins.map(async (origin) => {
    const { headers } = await api.get('/', { origin });
    const allowOrigin = headers.get('access-control-allow-origin');
    return allowOrigin === origin || allowOrigin === '*' ? [origin] : [];
  });
  return (await Promise.all(allowed)).flat();
}

const preflight = ({ api }: Gateway, origin: string): Promise<ApiResponse> =>
  api.request('OPTIONS', '/api/upload', {
    headers: { origin, 'access-control-request-method': 'POST', 'x-request-id': 'a-preflight' },
  });

/** A request of a page whose host name resolves to 127.0.0.1 (DNS rebinding). */
const sendWithHost = (url: string, host: string): Promise<ApiResponse> =>
  sendRaw(url, [`POST /nothing HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`]);

describe('settings', () => {
  it('allow loopback origins only in development, and all origins in CORS_ORIGINS', async () => {
    await withGateway({ ENVIRONMENT: 'development' }, async (gateway) => {
      expect(
        await findAllowedOrigins(
          gateway,
          LOCAL_ORIGIN,
          FRONTEND_ORIGIN,
          'https://localhost.front.example',
          'null',
        ),
      ).toEqual([LOCAL_ORIGIN]);
    });
    await withGateway({ ENVIRONMENT: 'production' }, async (gateway) => {
      expect(await findAllowedOrigins(gateway, LOCAL_ORIGIN, FRONTEND_ORIGIN)).toEqual([]);
    });
    await withGateway({ CORS_ORIGINS: `${FRONTEND_ORIGIN}, https://b.example` }, async (gateway) => {
      expect(
        await findAllowedOrigins(gateway, LOCAL_ORIGIN, FRONTEND_ORIGIN, 'https://evil.example'),
      ).toEqual([FRONTEND_ORIGIN]);
    });
    await withGateway({ CORS_ORIGINS: '*' }, async (gateway) => {
      expect(await findAllowedOrigins(gateway, LOCAL_ORIGIN, FRONTEND_ORIGIN)).toEqual([
        LOCAL_ORIGIN,
        FRONTEND_ORIGIN,
      ]);
    });
  });

  it('a preflight response has the request id and names an allowed origin only', async () => {
    await withGateway({ CORS_ORIGINS: FRONTEND_ORIGIN }, async (gateway) => {
      const { status, headers } = await preflight(gateway, FRONTEND_ORIGIN);
      expect([status, headers.get('x-request-id')]).toEqual([204, 'a-preflight']);
      expect(headers.get('access-control-allow-origin')).toBe(FRONTEND_ORIGIN);
      expect(headers.get('access-control-allow-methods')).toContain('POST');
      const refused = await preflight(gateway, 'https://evil.example');
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    });
  });

  it('a Host that is not a loopback name is rejected where programs may run without isolation', async () => {
    const hosts = ['evil.example', 'evil.example:8000', '127.0.0.1.evil.example', '192.168.0.1', ''];
    const engine = await startEngine({ ENVIRONMENT: 'development' });
    await withGateway({ ENVIRONMENT: 'development' }, async ({ api }) => {
      for (const url of [api.url, engine.url]) {
        for (const host of hosts) {
          const { detail } = expectProblem(
            await sendWithHost(url, host),
            400,
            'malformed-request',
            '/nothing',
          );
          expect(detail).toContain('Host');
        }
        for (const host of ['localhost', 'LOCALHOST:1', '127.9.9.9:80', '[::1]:8000']) {
          expectProblem(await sendWithHost(url, host), 404, 'route-not-found', '/nothing');
        }
      }
    });
    await engine.close();
    await withGateway({ ENVIRONMENT: 'development', ENGINE_SANDBOX: 'bubblewrap' }, async ({ api }) => {
      expectProblem(await sendWithHost(api.url, 'evil.example'), 404, 'route-not-found', '/nothing');
    });
  });

  it('PUBLIC_URL is the base of every link', async () => {
    await withGateway({ PUBLIC_URL: 'https://run.example/base/' }, async ({ api }) => {
      const jobId = await api.upload('bash', 'echo');
      expect((await api.execute(jobId)).logs_url).toBe(`https://run.example/base/api/jobs/${jobId}/logs`);
    });
  });

  it('EXECUTION_TIMEOUT_MAX limits `timeout`, also in the OpenAPI document', async () => {
    await withGateway({ EXECUTION_TIMEOUT_MAX: '700' }, async ({ api }) => {
      const jobId = await api.upload('bash', 'echo');
      expect(await api.post(`/api/execute/${jobId}`, { timeout: 701 })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'timeout', message: 'must not be greater than 700' }] },
      });
      const { body } = await api.get('/openapi.json');
      expect(body).toHaveProperty('components.schemas.ExecuteRequest.properties.timeout.maximum', 700);
    });
  });

  it('an execution that exceeds EXECUTION_ENGINE_TIMEOUT is a 504, and the job can be executed again', async () => {
    const settings = { EXECUTION_ENGINE_TIMEOUT: '2000', EXECUTION_TIMEOUT_MAX: '2000', ENGINE_SLOTS: '1' };
    await withGateway(settings, async ({ api }) => {
      const code = 'read -r seconds; sleep $seconds; echo slept';
      const ids = [await api.upload('bash', code), await api.upload('bash', code)];
      const responses = await Promise.all(
        ids.map((id) => api.post(`/api/execute/${id}`, { input: '1.2\n', timeout: 2000 })),
      );
      // Either execution may get the slot first.
      expect(responses.map(({ status }) => status).sort()).toEqual([200, 504]);
      const late = responses.findIndex(({ status }) => status === 504);
      expect(responses[late]?.body).toMatchObject({ code: 'engine-timeout' });
      const id = ids[late] ?? '';
      expect(await api.status(id)).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR' });
      expect(await api.execute(id, { input: '0\n' })).toMatchObject({ verdict: 'OK', stdout: 'slept\n' });
    });
  });

  it('an upload is rejected when no language is installed, and the problem says so', async () => {
    const settings = { ENGINE_PATH: createTemporaryDirectory(), ENGINE_WORK_DIR: createTemporaryDirectory() };
    await withGateway(settings, async (gateway) => {
      const upload = { code: 'print(1)', language: 'lua' };
      const response = await expectNoChange(gateway, () => gateway.api.post('/api/upload', upload));
      const { detail } = expectProblem(response, 400, 'unsupported-language', '/api/upload');
      expect(detail).toBe('Lua is not installed on this server. Available languages: none.');
    });
  });
});

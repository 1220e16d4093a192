/** Settings that change what a client or a browser sees. */
import { type Gateway, startGateway } from './support/gateway';

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

const ORIGIN = { origin: 'https://front.example' };
const allowed = async ({ api }: Gateway): Promise<string | null> =>
  (await api.get('/', ORIGIN)).headers.get('access-control-allow-origin');

describe('settings', () => {
  it('a browser of another origin is let in in development, and elsewhere only when CORS_ORIGINS names it', async () => {
    await withGateway({ ENVIRONMENT: 'development' }, async (gateway) => {
      expect(await allowed(gateway)).toBe('*');
    });
    await withGateway({ ENVIRONMENT: 'production' }, async (gateway) => {
      expect(await allowed(gateway)).toBeNull();
    });
    await withGateway({ CORS_ORIGINS: 'https://front.example, https://b.example' }, async (gateway) => {
      expect(await allowed(gateway)).toBe('https://front.example');
      const other = await gateway.api.get('/', { origin: 'https://evil.example' });
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
    });
  });

  it('PUBLIC_URL is the base of every link', async () => {
    await withGateway({ PUBLIC_URL: 'https://run.example/base/' }, async ({ api }) => {
      const jobId = await api.upload('bash', 'echo');
      expect((await api.execute(jobId)).logs_url).toBe(`https://run.example/base/api/jobs/${jobId}/logs`);
    });
  });

  it('EXECUTION_TIMEOUT_MAX bounds timeout, and the documentation says so', async () => {
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

  it('an engine that takes longer than EXECUTION_ENGINE_TIMEOUT is a 504, and the job can be executed again', async () => {
    const settings = { EXECUTION_ENGINE_TIMEOUT: '1000', EXECUTION_TIMEOUT_MAX: '1000', ENGINE_SLOTS: '1' };
    await withGateway(settings, async ({ api }) => {
      const first = await api.upload('bash', 'sleep 0.9; echo slept');
      const second = await api.upload('bash', 'read -r seconds; sleep $seconds; echo slept');
      const [, late] = await Promise.all([
        api.post(`/api/execute/${first}`, { timeout: 1000 }),
        api.post(`/api/execute/${second}`, { input: '0.9\n', timeout: 1000 }),
      ]);
      expect(late).toMatchObject({ status: 504, body: { code: 'engine-timeout' } });
      expect(await api.status(second)).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR' });
      expect(await api.execute(second, { input: '0\n' })).toMatchObject({ verdict: 'OK', stdout: 'slept\n' });
    });
  });
});

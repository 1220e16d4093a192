import type { Api, JobBody, ProblemBody } from './support/api';
import { describeEachDeployment } from './support/each-deployment';

const [FLOODING, OTHER] = ['198.51.100.1', '203.0.113.9'];
const BALANCER = { TRUSTED_PROXIES: '127.0.0.0/8' };
const BUSY = { status: 503, body: { code: 'engine-busy' } };

/** @param forwarded value of X-Forwarded-For */
const execute = (api: Api, jobId: string, forwarded: string) =>
  api.request<JobBody | ProblemBody>('POST', `/api/execute/${jobId}`, {
    headers: { 'x-forwarded-for': forwarded },
  });

/** Occupies the slot and the queue position: when the third execution is rejected, both are taken. */
async function fillEngine(
  api: Api,
): Promise<{ executions: ReturnType<typeof execute>[]; end: () => Promise<void> }> {
  const jobIds = await Promise.all([1, 2, 3].map(() => api.upload('bash', 'sleep 20')));
  const executions = jobIds.map((jobId) => execute(api, jobId, FLOODING));
  expect(await Promise.race(executions)).toMatchObject(BUSY);
  const end = async (): Promise<void> => {
    for (const jobId of jobIds) await api.post(`/api/cancel/${jobId}`);
    await Promise.all(executions);
  };
  return { executions, end };
}

describeEachDeployment({ ENGINE_SLOTS: '1', ENGINE_QUEUE_MAX: '1', ...BALANCER }, (gateway) => {
  it('a client behind a trusted load balancer gets a queue position although another client has filled the queue', async () => {
    const { api } = gateway();
    const jobId = await api.upload('bash', 'echo done');
    const { executions, end } = await fillEngine(api);
    const other = execute(api, jobId, OTHER);
    // One that found the queue full, and one that was removed to make room.
    let rejected = 0;
    for (const execution of executions) {
      void execution.then(({ status }) => {
        if (status === 503) rejected += 1;
      });
    }
    while (rejected < 2) await api.get('/api/health/live');
    await end();
    expect(await other).toMatchObject({ status: 200, body: { verdict: 'OK', stdout: 'done\n' } });
  });

  it.each([
    ['sends other addresses before its own', `${OTHER}, ${FLOODING}`],
    ['sends an invalid address before its own', `${'x'.repeat(200)},${FLOODING}`],
  ])(
    'a client behind a trusted load balancer that %s is identified by its own address',
    async (_name, forwarded) => {
      const { api } = gateway();
      const jobId = await api.upload('bash', 'echo done');
      const { end } = await fillEngine(api);
      expect(await execute(api, jobId, forwarded)).toMatchObject(BUSY);
      await end();
    },
  );

  it('a load balancer that forwards no address counts as the client', async () => {
    const { api } = gateway();
    const jobId = await api.upload('bash', 'echo done');
    expect(await execute(api, jobId, 'x'.repeat(200))).toMatchObject({ status: 200 });
  });
});

describeEachDeployment({ ENGINE_SLOTS: '1', ENGINE_QUEUE_MAX: '1' }, (gateway) => {
  it('a client that is no trusted proxy is identified by its own address, whatever it forwards', async () => {
    const { api } = gateway();
    const jobId = await api.upload('bash', 'echo done');
    const { end } = await fillEngine(api);
    expect(await execute(api, jobId, OTHER)).toMatchObject(BUSY);
    await end();
  });
});

describeEachDeployment({ ENGINE_SLOTS: '1', ...BALANCER }, (gateway) => {
  it('a client waits for at most the running execution and one more, however many another client has queued', async () => {
    const { api } = gateway();
    const flood = await Promise.all(Array.from({ length: 20 }, () => api.upload('bash', 'sleep 0.1')));
    const own = await Promise.all([1, 2, 3].map(() => api.upload('bash', 'echo done')));
    let ended = 0;
    const executions = flood.map(async (jobId) => {
      const { status } = await execute(api, jobId, FLOODING);
      ended += 1;
      return status;
    });
    await Promise.race(executions);
    for (const jobId of own) {
      const before = ended;
      expect(await execute(api, jobId, OTHER)).toMatchObject({ status: 200, body: { verdict: 'OK' } });
      // One more, whose response may still be on its way.
      expect(ended - before).toBeLessThanOrEqual(3);
    }
    expect(ended).toBeLessThan(flood.length);
    expect(new Set(await Promise.all(executions))).toEqual(new Set([200]));
  });
});

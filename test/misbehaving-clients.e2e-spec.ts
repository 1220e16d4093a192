/** A client that floods: who it is, and that the others hardly notice. */
import type { Api, JobBody, ProblemBody } from './support/api';
import { describeEachDeployment } from './support/each-deployment';

const [FLOODING, OTHER] = ['198.51.100.1', '203.0.113.9'];
const BALANCER = { TRUSTED_PROXIES: '127.0.0.0/8' };
const BUSY = { status: 503, body: { code: 'engine-busy' } };

/** @param forwarded what X-Forwarded-For says */
const execute = (api: Api, jobId: string, forwarded: string) =>
  api.request<JobBody | ProblemBody>('POST', `/api/execute/${jobId}`, {
    headers: { 'x-forwarded-for': forwarded },
  });

/** Fills one slot and one place: when the third execution has been refused, both are taken. */
async function filled(
  api: Api,
): Promise<{ answers: ReturnType<typeof execute>[]; end: () => Promise<void> }> {
  const jobIds = await Promise.all([1, 2, 3].map(() => api.upload('bash', 'sleep 20')));
  const answers = jobIds.map((jobId) => execute(api, jobId, FLOODING));
  expect(await Promise.race(answers)).toMatchObject(BUSY);
  const end = async (): Promise<void> => {
    for (const jobId of jobIds) await api.post(`/api/cancel/${jobId}`);
    await Promise.all(answers);
  };
  return { answers, end };
}

describeEachDeployment({ ENGINE_SLOTS: '1', ENGINE_QUEUE_MAX: '1', ...BALANCER }, (gateway) => {
  it('behind a trusted balancer a client has a place in a line that another one has filled', async () => {
    const { api } = gateway();
    const jobId = await api.upload('bash', 'echo done');
    const { answers, end } = await filled(api);
    const other = execute(api, jobId, OTHER);
    // One for which there was no place, and one that made room.
    let refused = 0;
    for (const answer of answers) {
      void answer.then(({ status }) => {
        if (status === 503) refused += 1;
      });
    }
    while (refused < 2) await api.get('/api/health/live');
    await end();
    expect(await other).toMatchObject({ status: 200, body: { verdict: 'OK', stdout: 'done\n' } });
  });

  it.each([
    ['writes other addresses before its own', `${OTHER}, ${FLOODING}`],
    ['writes no address before its own', `${'x'.repeat(200)},${FLOODING}`],
  ])('behind a trusted balancer a client that %s stays who it is', async (_name, forwarded) => {
    const { api } = gateway();
    const jobId = await api.upload('bash', 'echo done');
    const { end } = await filled(api);
    expect(await execute(api, jobId, forwarded)).toMatchObject(BUSY);
    await end();
  });

  it('a balancer that passes on no address is a client itself', async () => {
    const { api } = gateway();
    const jobId = await api.upload('bash', 'echo done');
    expect(await execute(api, jobId, 'x'.repeat(200))).toMatchObject({ status: 200 });
  });
});

describeEachDeployment({ ENGINE_SLOTS: '1', ENGINE_QUEUE_MAX: '1' }, (gateway) => {
  it('a client that nobody trusts stays who it is, whomever it says that it speaks for', async () => {
    const { api } = gateway();
    const jobId = await api.upload('bash', 'echo done');
    const { end } = await filled(api);
    expect(await execute(api, jobId, OTHER)).toMatchObject(BUSY);
    await end();
  });
});

describeEachDeployment({ ENGINE_SLOTS: '1', ...BALANCER }, (gateway) => {
  it('a client waits for the execution that runs and one more, however many wait of another client', async () => {
    const { api } = gateway();
    const flood = await Promise.all(Array.from({ length: 20 }, () => api.upload('bash', 'sleep 0.1')));
    const own = await Promise.all([1, 2, 3].map(() => api.upload('bash', 'echo done')));
    let ended = 0;
    const answers = flood.map(async (jobId) => {
      const { status } = await execute(api, jobId, FLOODING);
      ended += 1;
      return status;
    });
    await Promise.race(answers);
    for (const jobId of own) {
      const before = ended;
      expect(await execute(api, jobId, OTHER)).toMatchObject({ status: 200, body: { verdict: 'OK' } });
      // And one whose answer was still on its way.
      expect(ended - before).toBeLessThanOrEqual(3);
    }
    expect(ended).toBeLessThan(flood.length);
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
  });
});

import { setTimeout as delay } from 'node:timers/promises';
import { type ApiResponse, Api, type JobBody, type ProblemBody } from '../support/api';
import { containers, docker, inEach, untilHealthy } from './support/stack';
import { SERVICE_URL } from './support/target-urls';

const OWN_SERVICES = ['engine', 'gateway', 'balancer'] as const;
const RECHECK_MS = 100;
const TIME_LIMIT_MS = 120_000;
const FINAL_STATUSES = ['SUCCESS', 'FAILED', 'TIMEOUT', 'CANCELLED'];
/** Kills the application, the child of tini. */
const KILL = 'kill -KILL $(cat /proc/1/task/1/children)';
const api = new Api(SERVICE_URL);

type Outcome = ApiResponse<JobBody | ProblemBody> | 'disconnected';

/** Starts an execution and resolves when it is RUNNING. */
async function startExecution(seconds: number): Promise<{ jobId: string; execution: Promise<Outcome> }> {
  const jobId = await api.upload('bash', `echo started; sleep ${seconds.toString()}; echo done`);
  const execution = api
    .post<JobBody | ProblemBody>(`/api/execute/${jobId}`, { timeout: 20_000 })
    .catch((): Outcome => 'disconnected');
  await api.waitForStatus(jobId, 'RUNNING');
  return { jobId, execution };
}

/** Expects a final job, or a problem. */
function expectResponse(outcome: Outcome): void {
  if (outcome === 'disconnected') throw new Error('The client got no response');
  const { status, body } = outcome;
  if (status === 200) expect(FINAL_STATUSES).toContain(body.status);
  else expect(body).toMatchObject({ code: expect.stringMatching(/^[a-z-]+$/) as string, status });
}

/** Polls until the job is final; undefined if the storage has lost it. Gateways may be unavailable meanwhile. */
async function waitUntilFinal(jobId: string): Promise<JobBody | undefined> {
  for (;;) {
    const response = await api.get<JobBody>(`/api/status/${jobId}`).catch(() => undefined);
    if (response?.status === 404) return undefined;
    if (response?.status === 200 && FINAL_STATUSES.includes(response.body.status)) return response.body;
    await delay(RECHECK_MS);
  }
}

/** Expects that all containers recover. The balancer finds a restarted gateway a moment after it is healthy. */
async function expectRecovery(): Promise<void> {
  await untilHealthy();
  while ((await api.get('/api/health/ready').catch(() => undefined))?.status !== 200) await delay(RECHECK_MS);
  expect(await api.run('python', 'print("hello")')).toMatchObject({ verdict: 'OK', stdout: 'hello\n' });
}

describe('during an execution', () => {
  it.each(OWN_SERVICES)(
    '%s shuts down gracefully, and the client gets the result',
    async (service) => {
      const { jobId, execution } = await startExecution(4);
      await docker('compose', 'stop', service);
      for (const { State } of await containers(service)) expect(State.ExitCode).toBe(0);
      await docker('compose', 'start', service);
      expect(await execution).toMatchObject({
        status: 200,
        body: { verdict: 'OK', stdout: 'started\ndone\n' },
      });
      await expectRecovery();
      expect(await waitUntilFinal(jobId)).toMatchObject({ verdict: 'OK' });
    },
    TIME_LIMIT_MS,
  );

  it.each(['engine', 'gateway'])(
    '%s is restarted before the program ends: the client gets a response, and the job becomes final',
    async (service) => {
      const { jobId, execution } = await startExecution(18);
      await docker('compose', 'restart', service);
      expectResponse(await execution);
      await expectRecovery();
      expect(await waitUntilFinal(jobId)).toMatchObject({ verdict: 'ENGINE_ERROR' });
    },
    TIME_LIMIT_MS,
  );

  it(
    'the storage is restarted and may lose everything: the client gets a response',
    async () => {
      const { jobId, execution } = await startExecution(3);
      await docker('compose', 'restart', 'localstack');
      expectResponse(await execution);
      await expectRecovery();
      await waitUntilFinal(jobId);
    },
    TIME_LIMIT_MS,
  );

  it(
    'the engine is killed: Docker restarts it, the client gets a response, and the job becomes final',
    async () => {
      const { jobId, execution } = await startExecution(10);
      await inEach('engine', 'sh', '-c', KILL);
      expectResponse(await execution);
      await expectRecovery();
      expect(await waitUntilFinal(jobId)).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR' });
    },
    TIME_LIMIT_MS,
  );

  it(
    'a gateway is killed: Docker restarts it, and the connection of the client ends',
    async () => {
      const { execution } = await startExecution(10);
      await inEach('gateway', 'sh', '-c', KILL);
      await execution;
      await expectRecovery();
    },
    TIME_LIMIT_MS,
  );
});

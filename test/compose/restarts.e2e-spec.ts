/** Any container may go in the middle of an execution: the client is told, and the service is whole again by itself. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiResponse, Api, type JobBody, type ProblemBody } from '../support/api';
import { containers, docker, inEach, untilHealthy } from './support/stack';
import { SERVICE_URL } from './support/target-urls';

const OWN = ['engine', 'gateway', 'balancer'] as const;
const RECHECK_MS = 100;
const TIME_LIMIT_MS = 120_000;
const FINAL = ['SUCCESS', 'FAILED', 'TIMEOUT', 'CANCELLED'];
/** Of processes that are killed by a signal that nobody can catch. */
const KILL = 'kill -KILL $(cat /proc/1/task/1/children)';
const api = new Api(SERVICE_URL);

type Outcome = ApiResponse<JobBody | ProblemBody> | 'cut off';

/** Starts an execution that takes a while, and goes on when it runs. */
async function begin(seconds: number): Promise<{ jobId: string; execution: Promise<Outcome> }> {
  const jobId = await api.upload('bash', `echo begun; sleep ${seconds.toString()}; echo done`);
  const execution = api
    .post<JobBody | ProblemBody>(`/api/execute/${jobId}`, { timeout: 20_000 })
    .catch((): Outcome => 'cut off');
  await api.waitForStatus(jobId, 'RUNNING');
  return { jobId, execution };
}

/** A job that ended, or a problem that says why there is none. */
function expectAnswer(outcome: Outcome): void {
  if (outcome === 'cut off') throw new Error('The client got no answer');
  const { status, body } = outcome;
  if (status === 200) expect(FINAL).toContain(body.status);
  else expect(body).toMatchObject({ code: expect.stringMatching(/^[a-z-]+$/) as string, status });
}

/** Waits until the job has ended, or is gone with the storage. While a container is away there may be no answer. */
async function untilOver(jobId: string): Promise<JobBody | undefined> {
  for (;;) {
    const answer = await api.get<JobBody>(`/api/status/${jobId}`).catch(() => undefined);
    if (answer?.status === 404) return undefined;
    if (answer?.status === 200 && FINAL.includes(answer.body.status)) return answer.body;
    await delay(RECHECK_MS);
  }
}

/** Of the containers, and of the way to them: the balancer finds a gateway that is back a moment later. */
async function expectWhole(): Promise<void> {
  await untilHealthy();
  while ((await api.get('/api/health/ready').catch(() => undefined))?.status !== 200) await delay(RECHECK_MS);
  expect(await api.run('python', 'print("hello")')).toMatchObject({ verdict: 'OK', stdout: 'hello\n' });
}

describe('in the middle of an execution', () => {
  it.each(OWN)(
    '%s is restarted: it ends by itself, and the client gets the result',
    async (service) => {
      const { jobId, execution } = await begin(4);
      await docker('compose', 'stop', service);
      for (const { State } of await containers(service)) expect(State.ExitCode).toBe(0);
      await docker('compose', 'start', service);
      expect(await execution).toMatchObject({
        status: 200,
        body: { verdict: 'OK', stdout: 'begun\ndone\n' },
      });
      await expectWhole();
      expect(await untilOver(jobId)).toMatchObject({ verdict: 'OK' });
    },
    TIME_LIMIT_MS,
  );

  it.each(['engine', 'gateway'])(
    '%s is restarted and does not get its time: the client is told, and the job does not stay RUNNING',
    async (service) => {
      const { jobId, execution } = await begin(18);
      await docker('compose', 'restart', service);
      expectAnswer(await execution);
      await expectWhole();
      expect(await untilOver(jobId)).toMatchObject({ verdict: 'ENGINE_ERROR' });
    },
    TIME_LIMIT_MS,
  );

  it(
    'the storage is restarted, and may have lost everything: the client is told',
    async () => {
      const { jobId, execution } = await begin(3);
      await docker('compose', 'restart', 'localstack');
      expectAnswer(await execution);
      await expectWhole();
      await untilOver(jobId);
    },
    TIME_LIMIT_MS,
  );

  it(
    'the engine is killed: it starts again by itself, the client is told, and the job does not stay RUNNING',
    async () => {
      const { jobId, execution } = await begin(10);
      await inEach('engine', 'sh', '-c', KILL);
      expectAnswer(await execution);
      await expectWhole();
      expect(await untilOver(jobId)).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR' });
    },
    TIME_LIMIT_MS,
  );

  it(
    'a gateway is killed: it starts again by itself, and the client does not wait for ever',
    async () => {
      const { execution } = await begin(10);
      await inEach('gateway', 'sh', '-c', KILL);
      await execution;
      await expectWhole();
    },
    TIME_LIMIT_MS,
  );
});

/** A job whose gateway died in the middle of an execution is not stuck: whoever looks at it ends that execution. */
import { JobRepository } from '../src/jobs/job.repository';
import { newJob } from './contract/job.fixture';
import type { Api, JobBody } from './support/api';
import { type Gateway, startGateway } from './support/gateway';

/** ms */
const ENGINE_TIMEOUT = 10_000;
const LONG_ENOUGH = ENGINE_TIMEOUT + 5 * 60 * 1000;

describe('an execution whose gateway is gone', () => {
  let gateway: Gateway;
  let api: Api;
  beforeAll(async () => {
    gateway = await startGateway({ EXECUTION_ENGINE_TIMEOUT: ENGINE_TIMEOUT.toString() });
    api = gateway.api;
  });
  afterAll(() => gateway.close());

  /** A job with code, RUNNING for so long. */
  async function runningFor(ms: number): Promise<string> {
    const jobId = await api.upload('bash', 'echo ran');
    const repository = gateway.app.get(JobRepository, { strict: false });
    const job = { ...newJob(), status: 'RUNNING', attempt: 1, fence: 'of the dead' } as const;
    const startedAt = new Date(Date.now() - ms).toISOString();
    const from = { statuses: ['PENDING'], attempt: 0 } as const;
    expect(await repository.transition(jobId, from, { ...job, startedAt })).toMatchObject({
      kind: 'changed',
    });
    return jobId;
  }

  it('is over when none can last that long, and the job can be executed again', async () => {
    const jobId = await runningFor(LONG_ENOUGH + 1);
    expect(await api.status(jobId)).toMatchObject({
      ...{ status: 'FAILED', verdict: 'ENGINE_ERROR', attempt: 1 },
      error_message: 'The gateway that ran this execution is gone. It is safe to execute the job again.',
    });
    expect(await api.execute(jobId)).toMatchObject({ status: 'SUCCESS', attempt: 2, stdout: 'ran\n' });
  });

  it('can be executed again at once by who has not looked before', async () => {
    const jobId = await runningFor(LONG_ENOUGH + 1);
    expect(await api.execute(jobId)).toMatchObject({ status: 'SUCCESS', attempt: 2 });
  });

  it('is ended once, whoever looks at the same time', async () => {
    const jobId = await runningFor(LONG_ENOUGH + 1);
    const looks = await Promise.all(Array.from({ length: 10 }, () => api.status(jobId)));
    expect(new Set(looks.map(({ completed_at }) => completed_at)).size).toBe(1);
    expect(await api.post(`/api/cancel/${jobId}`)).toMatchObject({
      status: 409,
      body: { code: 'job-already-finished', current_status: 'FAILED' },
    });
  });

  it('is left alone while it may still end', async () => {
    const jobId = await runningFor(LONG_ENOUGH - 60_000);
    expect(await api.status(jobId)).toMatchObject({ status: 'RUNNING' });
    expect(await api.post<JobBody>(`/api/execute/${jobId}`)).toMatchObject({
      status: 409,
      body: { code: 'job-already-running' },
    });
  });
});

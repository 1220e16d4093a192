import { randomUUID } from 'node:crypto';
import type { Dispatch, JobState } from '../src/jobs/job';
import { JobRepository } from '../src/jobs/job.repository';
import { ObjectStore } from '../src/jobs/object.store';
import { newJob } from './contract/job.fixture';
import { waitForResult } from './support/async';
import type { Api, JobBody } from './support/api';
import { type Gateway, startGateway } from './support/gateway';

const LEASE_MS = 600;
const ATTEMPTS_MAX = 3;

describe('an execution whose process has exited', () => {
  let gateway: Gateway;
  let api: Api;
  beforeAll(async () => {
    gateway = await startGateway({
      EXECUTION_LEASE: LEASE_MS.toString(),
      EXECUTION_ATTEMPTS_MAX: ATTEMPTS_MAX.toString(),
    });
    api = gateway.api;
  });
  afterAll(() => gateway.close());

  /** Creates a job that is RUNNING in a process that does not exist, with a lease that expires after `leaseMs`. */
  async function createAbandoned(
    leaseMs: number,
    dispatch: Partial<Dispatch>,
    changes: Partial<JobState> = {},
  ): Promise<string> {
    const jobId = await api.upload('bash', 'cat');
    const state: JobState = {
      ...newJob(),
      status: 'RUNNING',
      attempt: 1,
      timeoutMs: 5000,
      fence: 'fence-of-an-exited-process',
      dispatch: {
        requestKey: null,
        tries: 1,
        queuedAt: null,
        worker: 'http://127.0.0.1:1',
        callbackUrl: null,
        ...dispatch,
      },
      dueAt: new Date(Date.now() + leaseMs).toISOString(),
      startedAt: new Date().toISOString(),
      ...changes,
    };
    const repository = gateway.app.get(JobRepository, { strict: false });
    const from = { statuses: ['PENDING'], attempt: 0 } as const;
    expect(await repository.transition(jobId, from, state)).toMatchObject({ kind: 'changed' });
    return jobId;
  }

  async function storedRequest(): Promise<Partial<Dispatch>> {
    const requestKey = `requests/${randomUUID()}.json`;
    const objects = gateway.app.get(ObjectStore, { strict: false });
    await objects.put(requestKey, JSON.stringify({ input: 'kept\n', client: '192.0.2.7' }), 'json');
    return { requestKey, queuedAt: new Date().toISOString() };
  }

  it('becomes FAILED with the reason if it was synchronous, and can be executed again', async () => {
    const jobId = await createAbandoned(50, {});
    expect(await waitForResult(api, jobId)).toMatchObject({
      status: 'FAILED',
      verdict: 'ENGINE_ERROR',
      attempt: 1,
      logs_url: null,
      error_message:
        'The process that ran this execution stopped responding. It is safe to execute the job again.',
    });
    expect(await api.execute(jobId, { input: 'again\n' })).toMatchObject({
      status: 'SUCCESS',
      attempt: 2,
      stdout: 'again\n',
    });
  });

  it('is retried with its parameters if it was queued', async () => {
    const jobId = await createAbandoned(50, await storedRequest());
    expect(await waitForResult(api, jobId)).toMatchObject({
      status: 'SUCCESS',
      attempt: 2,
      stdout: 'kept\n',
    });
  });

  it('becomes FAILED with the number of attempts if it was attempted too often', async () => {
    const jobId = await createAbandoned(50, { ...(await storedRequest()), tries: ATTEMPTS_MAX });
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR', attempt: 1 });
    expect(job.error_message).toContain(`It was attempted ${ATTEMPTS_MAX.toString()} times.`);
  });

  it('becomes CANCELLED and is not retried if its cancellation was requested', async () => {
    const jobId = await createAbandoned(50, await storedRequest(), { cancelRequested: true });
    expect(await waitForResult(api, jobId)).toMatchObject({
      status: 'CANCELLED',
      verdict: 'CANCELLED',
      attempt: 1,
    });
  });

  it('is cancelled after its lease expires, by a request that comes before', async () => {
    const jobId = await createAbandoned(LEASE_MS, await storedRequest());
    const cancelled = await api.post<JobBody>(`/api/cancel/${jobId}`);
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'CANCELLED', attempt: 1 } });
    expect(await api.status(jobId)).toEqual(cancelled.body);
  });

  it('is left alone until its lease expires', async () => {
    const jobId = await createAbandoned(60_000, {});
    const [job, response] = [await api.status(jobId), await api.post(`/api/execute/${jobId}`)];
    expect(job).toMatchObject({ status: 'RUNNING', attempt: 1 });
    expect(response).toMatchObject({
      status: 409,
      body: { code: 'job-already-running', current_status: 'RUNNING' },
    });
    expect(await api.get(`/api/status/${jobId}?wait=1`, { 'if-none-match': '*' })).toMatchObject({
      status: 304,
    });
  });

  it('keeps its lease by renewing it, and is executed once', async () => {
    const jobId = await api.upload('bash', 'sleep 2; echo done');
    expect(await api.execute(jobId)).toMatchObject({ status: 'SUCCESS', attempt: 1, stdout: 'done\n' });
  });
});

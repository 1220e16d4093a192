/** Executions whose process gives no sign of life: nobody waits for them for ever, and no wish of a client is forgotten. */
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

describe('an execution whose process is gone', () => {
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

  /** A job with code, RUNNING in a process that nobody has ever heard of, whose lease ends after so long. */
  async function running(
    ms: number,
    dispatch: Partial<Dispatch>,
    changes: Partial<JobState> = {},
  ): Promise<string> {
    const jobId = await api.upload('bash', 'cat');
    const state: JobState = {
      ...{ ...newJob(), status: 'RUNNING', attempt: 1, timeoutMs: 5000, fence: 'of the dead' },
      dispatch: {
        requestKey: null,
        tries: 1,
        queuedAt: null,
        worker: 'http://127.0.0.1:1',
        callbackUrl: null,
        ...dispatch,
      },
      ...{ dueAt: new Date(Date.now() + ms).toISOString(), startedAt: new Date().toISOString() },
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

  it('for a client that waited is FAILED with the reason, and can be executed again', async () => {
    const jobId = await running(50, {});
    expect(await waitForResult(api, jobId)).toMatchObject({
      ...{ status: 'FAILED', verdict: 'ENGINE_ERROR', attempt: 1, logs_url: null },
      error_message: 'The process that ran this execution stopped responding. It is safe to execute the job again.',
    });
    expect(await api.execute(jobId, { input: 'again\n' })).toMatchObject({
      ...{ status: 'SUCCESS', attempt: 2, stdout: 'again\n' },
    });
  });

  it('that was queued is executed by another one, with what the client asked', async () => {
    const jobId = await running(50, await storedRequest());
    expect(await waitForResult(api, jobId)).toMatchObject({
      status: 'SUCCESS',
      attempt: 2,
      stdout: 'kept\n',
    });
  });

  it('that was tried too often is FAILED with the number of tries', async () => {
    const jobId = await running(50, { ...(await storedRequest()), tries: ATTEMPTS_MAX });
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR', attempt: 1 });
    expect(job.error_message).toContain(`It was attempted ${ATTEMPTS_MAX.toString()} times.`);
  });

  it('that a client wanted to end is not tried again', async () => {
    const jobId = await running(50, await storedRequest(), { cancelRequested: true });
    expect(await waitForResult(api, jobId)).toMatchObject({
      status: 'CANCELLED',
      verdict: 'CANCELLED',
      attempt: 1,
    });
  });

  it('is cancelled when its lease has ended, by a client that asks before', async () => {
    const jobId = await running(LEASE_MS, await storedRequest());
    const cancelled = await api.post<JobBody>(`/api/cancel/${jobId}`);
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'CANCELLED', attempt: 1 } });
    expect(await api.status(jobId)).toEqual(cancelled.body);
  });

  it('is left alone while its lease lasts', async () => {
    const jobId = await running(60_000, {});
    const [job, answer] = [await api.status(jobId), await api.post(`/api/execute/${jobId}`)];
    expect(job).toMatchObject({ status: 'RUNNING', attempt: 1 });
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'job-already-running', current_status: 'RUNNING' },
    });
    expect(await api.get(`/api/status/${jobId}?wait=1`, { 'if-none-match': '*' })).toMatchObject({
      status: 304,
    });
  });

  it('that lasts longer than its lease is renewed, and is executed once', async () => {
    const jobId = await api.upload('bash', 'sleep 2; echo done');
    expect(await api.execute(jobId)).toMatchObject({ status: 'SUCCESS', attempt: 1, stdout: 'done\n' });
  });
});

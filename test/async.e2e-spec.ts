import { setTimeout as delay } from 'node:timers/promises';
import { describeEachDeployment } from './support/each-deployment';
import { waitForResult, enqueue } from './support/async';
import type { Api, JobBody, ProblemBody } from './support/api';
import type { Gateway } from './support/gateway';

describeEachDeployment({ WORKER_CONCURRENCY: '2', ENGINE_SLOTS: '2' }, (gateway) => {
  let api: Api;
  let apis: Gateway['apis'];
  beforeAll(() => {
    ({ api, apis } = gateway());
  });

  it('responds with 202, the QUEUED job and the location of its status', async () => {
    const jobId = await api.upload('bash', 'cat; echo done');
    const { status, headers, body } = await enqueue(api, jobId, { input: 'in\n', timeout: 4321 });
    expect(status).toBe(202);
    expect(headers.get('preference-applied')).toBe('respond-async');
    expect(headers.get('location')).toBe(`/api/status/${jobId}`);
    expect(body).toMatchObject({
      job_id: jobId,
      status: 'QUEUED',
      attempt: 0,
      timeout_ms: 4321,
      verdict: null,
    });
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'SUCCESS', attempt: 1, stdout: 'in\ndone\n', timeout_ms: 4321 });
    expect((await api.get<string>(`/api/jobs/${jobId}/logs`)).body).toBe('in\ndone\n');
    const { timings } = job as unknown as { timings: Record<string, number> };
    expect(timings['total_ms']).toBeGreaterThanOrEqual(
      (timings['queued_ms'] ?? 0) + (timings['run_ms'] ?? 0),
    );
  });

  it('executes a job repeatedly, synchronously and asynchronously', async () => {
    const jobId = await api.upload('bash', 'echo "$RANDOM"; exit 3');
    await enqueue(api, jobId);
    expect(await waitForResult(api, jobId)).toMatchObject({
      status: 'FAILED',
      verdict: 'NONZERO_EXIT',
      attempt: 1,
    });
    expect(await api.execute(jobId)).toMatchObject({ status: 'FAILED', attempt: 2 });
    await enqueue(api, jobId);
    expect(await waitForResult(api, jobId)).toMatchObject({ status: 'FAILED', attempt: 3, exit_code: 3 });
  });

  it('executes each of many queued jobs exactly once', async () => {
    const jobIds = await Promise.all(
      Array.from({ length: 12 }, (_, index) => api.upload('bash', `echo ${index.toString()}`)),
    );
    for (const jobId of jobIds) expect(await enqueue(api, jobId)).toMatchObject({ status: 202 });
    const jobs = await Promise.all(jobIds.map((jobId) => waitForResult(api, jobId)));
    expect(jobs).toMatchObject(jobIds.map((_, index) => ({ attempt: 1, stdout: `${index.toString()}\n` })));
  });

  it('rejects an execution of a job that is queued or running', async () => {
    const jobId = await api.upload('bash', 'sleep 1000');
    await enqueue(api, jobId, { timeout: 20_000 });
    for (const path of [`/api/execute/${jobId}`]) {
      expect(await api.post<ProblemBody>(path)).toMatchObject({
        status: 409,
        body: { code: 'job-already-running' },
      });
      expect(await enqueue<ProblemBody>(api, jobId)).toMatchObject({
        status: 409,
        body: { code: 'job-already-running' },
      });
    }
    expect(await api.post(`/api/cancel/${jobId}`)).toMatchObject({
      status: 200,
      body: { status: 'CANCELLED' },
    });
  });

  it('rejects an invalid execution without changing the job', async () => {
    const jobId = await api.upload('bash', 'echo');
    expect(await enqueue<ProblemBody>(api, jobId, { timeout: 0 })).toMatchObject({
      status: 400,
      body: { code: 'validation-failed', errors: [{ field: 'timeout' }] },
    });
    expect(await enqueue(api, '01935d2e-7c1a-7000-8000-000000000000')).toMatchObject({ status: 404 });
    expect(await api.status(jobId)).toMatchObject({ status: 'PENDING', attempt: 0 });
  });

  /** Starts jobs that occupy every worker. */
  async function occupyWorkers(): Promise<string[]> {
    const blockers = await Promise.all([1, 2, 3, 4].map(() => api.upload('bash', 'sleep 1000')));
    for (const blocker of blockers) await enqueue(api, blocker, { timeout: 20_000 });
    const isRunning = async (jobId: string): Promise<boolean> =>
      (await api.status(jobId)).status === 'RUNNING';
    while ((await Promise.all(blockers.map(isRunning))).filter(Boolean).length < apis.length * 2)
      await delay(10);
    return blockers;
  }

  it('cancels a queued job, which then never runs', async () => {
    const blockers = await occupyWorkers();
    const jobId = await api.upload('bash', 'echo ran');
    await enqueue(api, jobId);
    expect(await api.status(jobId)).toMatchObject({ status: 'QUEUED' });
    const cancelled = await api.post<JobBody>(`/api/cancel/${jobId}`);
    expect(cancelled).toMatchObject({
      status: 200,
      body: { status: 'CANCELLED', verdict: 'CANCELLED', attempt: 0, stdout: null, started_at: null },
    });
    expect(await api.post(`/api/cancel/${jobId}`)).toMatchObject({ status: 200, body: cancelled.body });
    for (const blocker of blockers) await api.post(`/api/cancel/${blocker}`);
    // The queue message of the cancelled job may be delivered now: it is obsolete.
    const last = await api.upload('bash', 'echo last');
    await enqueue(api, last);
    await waitForResult(api, last);
    expect(await api.status(jobId)).toEqual(cancelled.body);
  });

  it('reports the queue position if the queue knows it, and updates it after a cancellation', async () => {
    const blockers = await occupyWorkers();
    const waiting = await Promise.all([1, 2, 3].map(() => api.upload('bash', 'echo')));
    for (const jobId of waiting) await enqueue(api, jobId);
    const positions = await Promise.all(
      waiting.map(async (one) => (await api.status(one))['queue_position']),
    );
    const behind = blockers.length - apis.length * 2;
    expect(positions).toEqual(
      gateway().backend === 'embedded' ? [1, 2, 3].map((position) => position + behind) : [null, null, null],
    );
    // The cancelled job leaves the queue, and the others move up.
    const [first, ...others] = waiting as [string, ...string[]];
    await api.post(`/api/cancel/${first}`);
    const later = await Promise.all(others.map(async (one) => (await api.status(one))['queue_position']));
    expect(later).toEqual(positions.slice(0, -1));
    for (const jobId of [...waiting, ...blockers]) await api.post(`/api/cancel/${jobId}`);
  });

  it('holds a long poll until the status changes, and responds with 304 if it does not change', async () => {
    const jobId = await api.upload('bash', 'echo');
    const first = await api.get<JobBody>(`/api/status/${jobId}`);
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^W\/"/);
    expect(await api.get(`/api/status/${jobId}`, { 'if-none-match': tag })).toMatchObject({
      status: 304,
      body: '',
    });
    expect(await api.get(`/api/status/${jobId}?wait=1`, { 'if-none-match': tag })).toMatchObject({
      status: 304,
    });
    const held = api.get<JobBody>(`/api/status/${jobId}?wait=20`, { 'if-none-match': tag });
    const untagged = api.get<JobBody>(`/api/status/${jobId}?wait=20`);
    await api.execute(jobId);
    for (const response of [await held, await untagged]) {
      expect(response.status).toBe(200);
      expect(response.body.status).not.toBe('PENDING');
    }
    // The job has finished, so the long poll returns at once.
    expect((await api.get<JobBody>(`/api/status/${jobId}?wait=20`)).body).toMatchObject({
      status: 'SUCCESS',
    });
    expect(await api.get(`/api/status/${jobId}`, { 'if-none-match': `"x", ${tag}` })).toMatchObject({
      status: 200,
    });
    for (const wait of ['-1', '51', '1.5', 'x', '']) {
      expect(await api.get(`/api/status/${jobId}?wait=${wait}`)).toMatchObject({ status: 400 });
    }
  });
});

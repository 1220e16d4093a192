import { waitForResult, enqueue } from '../support/async';
import type { Api, JobBody } from '../support/api';
import { findProcesses, waitUntilNoProcess } from '../support/processes';
import { type Service, apiOf, startAwsService } from './support/service';
import { type LongProgram, longProgram } from './support/long-program';

/** The maximum of the setting, in ms. */
const LEASE_MS_MAX = '600000';
/** ms: longer than it takes to start another worker and to interrupt the first attempt. */
const LONG_MS = 5000;
const SHORT_MS = 2000;

describe('a worker', () => {
  let service: Service;
  let api: Api;
  beforeEach(async () => {
    service = await startAwsService({ gateways: 2, workers: 1 });
    api = apiOf(service);
  });
  afterEach(() => service.close());

  /** Resolves when the program of a new job runs in the only worker. */
  async function startInWorker({ code, marker }: LongProgram): Promise<string> {
    const jobId = await api.upload('bash', code);
    expect(await enqueue(api, jobId, { timeout: 20_000 })).toMatchObject({
      status: 202,
      body: { status: 'QUEUED' },
    });
    while (findProcesses(marker).length === 0) await api.get('/api/health/live');
    return jobId;
  }

  async function expectSame(job: JobBody): Promise<void> {
    for (const { api: each } of service.gateways) expect(await each.status(job.job_id)).toEqual(job);
    expect((await api.get(`/api/jobs/${job.job_id}/logs`)).body).toBe('started\ndone\n');
  }

  it('that is killed has its execution retried by another worker after the lease has expired', async () => {
    const program = longProgram(LONG_MS);
    const jobId = await startInWorker(program);
    const [worker] = service.workers;
    await service.addWorker();
    await worker?.stop('SIGKILL');
    await waitUntilNoProcess(program.marker);
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'SUCCESS', attempt: 2, stdout: 'started\ndone\n' });
    await expectSame(job);
  });

  it('that is suspended beyond its lease has its late result rejected', async () => {
    const program = longProgram(LONG_MS);
    const jobId = await startInWorker(program);
    const [worker] = service.workers;
    await service.addWorker();
    worker?.signal('SIGSTOP');
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'SUCCESS', attempt: 2, stdout: 'started\ndone\n' });
    worker?.signal('SIGCONT');
    // Its own attempt is obsolete, and it continues with the next executions.
    for (let count = 0; count < 4; count += 1) {
      const next = await api.upload('bash', 'echo next');
      await enqueue(api, next);
      expect(await waitForResult(api, next)).toMatchObject({ status: 'SUCCESS', attempt: 1 });
    }
    await expectSame(job);
    expect(findProcesses(program.marker)).toEqual([]);
  });

  it('that is suspended while its program ends has its late result rejected', async () => {
    const program = longProgram(SHORT_MS);
    const jobId = await startInWorker(program);
    const [worker] = service.workers;
    worker?.signal('SIGSTOP');
    await waitUntilNoProcess(program.marker);
    await service.addWorker();
    const job = await waitForResult(api, jobId);
    worker?.signal('SIGCONT');
    expect(job).toMatchObject({ status: 'SUCCESS', attempt: 2, stdout: 'started\ndone\n' });
    await worker?.stop('SIGTERM');
    await expectSame(job);
  });

  it('that gets SIGTERM returns its execution to the queue at once, which does not count as an attempt', async () => {
    // No retry by expiry of the lease within the time limit of the test.
    await service.close();
    service = await startAwsService({ gateways: 2, workers: 1 }, { EXECUTION_LEASE: LEASE_MS_MAX });
    api = apiOf(service);
    const program = longProgram(LONG_MS);
    const jobId = await startInWorker(program);
    const [worker] = service.workers;
    await service.addWorker({ EXECUTION_ATTEMPTS_MAX: '1' });
    await worker?.stop('SIGTERM');
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'SUCCESS', attempt: 2, stdout: 'started\ndone\n' });
    await expectSame(job);
  });

  it('whose engine is suspended has its execution cancelled, without a retry', async () => {
    const program = longProgram(60_000);
    const jobId = await startInWorker(program);
    service.engine?.signal('SIGSTOP');
    const cancelled = await api.post<JobBody>(`/api/cancel/${jobId}`);
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'CANCELLED', verdict: 'CANCELLED' } });
    service.engine?.signal('SIGCONT');
    await waitUntilNoProcess(program.marker);
    for (const { api: each } of service.gateways) expect(await each.status(jobId)).toEqual(cancelled.body);
    const next = await api.upload('bash', 'echo next');
    await enqueue(api, next);
    expect(await waitForResult(api, next)).toMatchObject({ status: 'SUCCESS' });
    expect(await api.status(jobId)).toEqual(cancelled.body);
  });
});

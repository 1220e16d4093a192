/** One fault in the life of a worker: what it ran is run once more by another one, and has one result. */
import { waitForResult, enqueue } from '../support/async';
import type { Api, JobBody } from '../support/api';
import { processesWith, untilGone } from '../support/processes';
import { LEASE_MS, type Service, apiOf, startAwsService } from './support/service';
import { type LongProgram, longProgram } from './support/long-program';

/** ms beyond a lease: a look at what is due, the queue, and the run. */
const BEYOND_LEASE_MS = 4000;
/** ms: more than it takes to start another worker, and the first attempt is cut short. */
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

  /** Until the program of the job runs, in the only worker that there is. */
  async function running({ code, marker }: LongProgram): Promise<string> {
    const jobId = await api.upload('bash', code);
    expect(await enqueue(api, jobId, { timeout: 20_000 })).toMatchObject({
      status: 202,
      body: { status: 'QUEUED' },
    });
    while (processesWith(marker).length === 0) await api.get('/api/health/live');
    return jobId;
  }

  async function expectSame(job: JobBody): Promise<void> {
    for (const { api: each } of service.gateways) expect(await each.status(job.job_id)).toEqual(job);
    expect((await api.get(`/api/jobs/${job.job_id}/logs`)).body).toBe('begun\ndone\n');
  }

  it('that is killed loses its execution to another one after its lease', async () => {
    const program = longProgram(LONG_MS);
    const jobId = await running(program);
    const [worker] = service.workers;
    await service.addWorker();
    const since = performance.now();
    await worker?.stop('SIGKILL');
    await untilGone(program.marker);
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'SUCCESS', attempt: 2, stdout: 'begun\ndone\n' });
    expect(performance.now() - since).toBeLessThan(LONG_MS + LEASE_MS + BEYOND_LEASE_MS);
    await expectSame(job);
  });

  it('that stands still beyond its lease has its late result refused', async () => {
    const program = longProgram(LONG_MS);
    const jobId = await running(program);
    const [worker] = service.workers;
    await service.addWorker();
    worker?.signal('SIGSTOP');
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'SUCCESS', attempt: 2, stdout: 'begun\ndone\n' });
    worker?.signal('SIGCONT');
    // It is alive, and its own attempt is over: it takes the next one.
    for (let count = 0; count < 4; count += 1) {
      const next = await api.upload('bash', 'echo next');
      await enqueue(api, next);
      expect(await waitForResult(api, next)).toMatchObject({ status: 'SUCCESS', attempt: 1 });
    }
    await expectSame(job);
    expect(processesWith(program.marker)).toEqual([]);
  });

  it('that stands still while its program ends has its late result refused too', async () => {
    const program = longProgram(SHORT_MS);
    const jobId = await running(program);
    const [worker] = service.workers;
    worker?.signal('SIGSTOP');
    await untilGone(program.marker);
    await service.addWorker();
    const job = await waitForResult(api, jobId);
    worker?.signal('SIGCONT');
    expect(job).toMatchObject({ status: 'SUCCESS', attempt: 2, stdout: 'begun\ndone\n' });
    await worker?.stop('SIGTERM');
    await expectSame(job);
  });

  it('that is told to stop gives its execution to another one at once, and that counts as no try', async () => {
    const program = longProgram(LONG_MS);
    const jobId = await running(program);
    const [worker] = service.workers;
    await service.addWorker({ EXECUTION_ATTEMPTS_MAX: '1' });
    const since = performance.now();
    await worker?.stop('SIGTERM');
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'SUCCESS', attempt: 2, stdout: 'begun\ndone\n' });
    expect(performance.now() - since).toBeLessThan(LONG_MS + BEYOND_LEASE_MS);
    await expectSame(job);
  });

  it('whose engine stands still has its execution cancelled all the same, which is not begun again', async () => {
    const program = longProgram(60_000);
    const jobId = await running(program);
    service.engine?.signal('SIGSTOP');
    const cancelled = await api.post<JobBody>(`/api/cancel/${jobId}`);
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'CANCELLED', verdict: 'CANCELLED' } });
    service.engine?.signal('SIGCONT');
    await untilGone(program.marker);
    for (const { api: each } of service.gateways) expect(await each.status(jobId)).toEqual(cancelled.body);
    const next = await api.upload('bash', 'echo next');
    await enqueue(api, next);
    expect(await waitForResult(api, next)).toMatchObject({ status: 'SUCCESS' });
    expect(await api.status(jobId)).toEqual(cancelled.body);
  });
});

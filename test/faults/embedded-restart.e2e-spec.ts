import { waitForResult, enqueue } from '../support/async';
import type { Api } from '../support/api';
import { findProcesses, waitUntilNoProcess } from '../support/processes';
import { type Service, apiOf, startEmbeddedService } from './support/service';
import { longProgram } from './support/long-program';

const SLOTS = 2;
/** More than the reconciler handles in one pass. */
const QUEUED = 130;
/** ms: longer than it takes to enqueue them. */
const LONG_MS = 15_000;

describe.each([
  ['with an embedded engine', false],
  ['with an engine process', true],
])('a gateway %s on the embedded storage, after a SIGKILL', (_name, hasEngineProcess) => {
  let service: Service;
  let api: Api;
  beforeAll(async () => {
    const slots = SLOTS.toString();
    service = await startEmbeddedService(
      { hasEngineProcess },
      { WORKER_CONCURRENCY: slots, ENGINE_SLOTS: (SLOTS + 1).toString() },
    );
    api = apiOf(service);
  });
  afterAll(() => service.close());

  it('retries queued and running asynchronous executions, and fails a synchronous one with the reason', async () => {
    const { code, marker } = longProgram(LONG_MS);
    const jobs = await Promise.all(Array.from({ length: SLOTS }, () => api.upload('bash', code)));
    for (const jobId of jobs) await enqueue(api, jobId, { timeout: 20_000 });
    while (findProcesses(marker).length < SLOTS) await api.get('/api/health/live');
    const queued = await Promise.all(
      Array.from({ length: QUEUED }, (_, index) => api.upload('bash', `echo ${index.toString()}`)),
    );
    for (const jobId of queued) expect(await enqueue(api, jobId)).toMatchObject({ status: 202 });
    const synchronous = await api.upload('bash', code);
    const execution = api.execute(synchronous, { timeout: 20_000 }).then(
      () => 'responded',
      () => 'disconnected',
    );
    while (findProcesses(marker).length < SLOTS + 1) await api.get('/api/health/live');
    await service.gateways[0]?.stop('SIGKILL');
    expect(await execution).toBe('disconnected');
    await waitUntilNoProcess(marker);
    await service.gateways[0]?.start();

    expect(await api.status(synchronous)).toMatchObject({
      status: 'FAILED',
      verdict: 'ENGINE_ERROR',
      attempt: 1,
      error_message:
        'The process that ran this execution stopped responding. It is safe to execute the job again.',
    });
    expect(await api.execute(synchronous, { timeout: 20_000 })).toMatchObject({
      status: 'SUCCESS',
      attempt: 2,
    });
    for (const jobId of jobs)
      expect(await waitForResult(api, jobId)).toMatchObject({
        status: 'SUCCESS',
        attempt: 2,
        stdout: 'started\ndone\n',
      });
    for (const [index, jobId] of queued.entries())
      expect(await waitForResult(api, jobId)).toMatchObject({
        status: 'SUCCESS',
        stdout: `${index.toString()}\n`,
      });
  }, 180_000);
});

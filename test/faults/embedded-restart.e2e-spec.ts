/** kill -9 of the embedded service in the middle of everything: the next one finishes what was accepted. */
import { waitForResult, enqueue } from '../support/async';
import type { Api } from '../support/api';
import { processesWith, untilGone } from '../support/processes';
import { type Service, apiOf, startEmbeddedService } from './support/service';
import { longProgram } from './support/long-program';

const SLOTS = 2;
/** More than one look at what is due takes up. */
const QUEUED = 130;
/** ms: more than it takes to queue them. */
const LONG_MS = 15_000;

describe.each([
  ['with its engine', false],
  ['beside its engine', true],
])('kill -9 of the embedded gateway %s', (_name, hasEngineProcess) => {
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

  it('loses nothing that was queued or ran, and ends what a client waited for with the reason', async () => {
    const { code, marker } = longProgram(LONG_MS);
    const jobs = await Promise.all(Array.from({ length: SLOTS }, () => api.upload('bash', code)));
    for (const jobId of jobs) await enqueue(api, jobId, { timeout: 20_000 });
    while (processesWith(marker).length < SLOTS) await api.get('/api/health/live');
    const queued = await Promise.all(
      Array.from({ length: QUEUED }, (_, index) => api.upload('bash', `echo ${index.toString()}`)),
    );
    for (const jobId of queued) expect(await enqueue(api, jobId)).toMatchObject({ status: 202 });
    const waited = await api.upload('bash', code);
    const cut = api.execute(waited, { timeout: 20_000 }).then(
      () => 'answered',
      () => 'cut',
    );
    while (processesWith(marker).length < SLOTS + 1) await api.get('/api/health/live');
    await service.gateways[0]?.stop('SIGKILL');
    expect(await cut).toBe('cut');
    await untilGone(marker);
    await service.gateways[0]?.start();

    expect(await api.status(waited)).toMatchObject({
      ...{ status: 'FAILED', verdict: 'ENGINE_ERROR', attempt: 1 },
      error_message:
        'The process that ran this execution stopped responding. It is safe to execute the job again.',
    });
    expect(await api.execute(waited, { timeout: 20_000 })).toMatchObject({ status: 'SUCCESS', attempt: 2 });
    for (const jobId of jobs)
      expect(await waitForResult(api, jobId)).toMatchObject({
        status: 'SUCCESS',
        attempt: 2,
        stdout: 'begun\ndone\n',
      });
    for (const [index, jobId] of queued.entries())
      expect(await waitForResult(api, jobId)).toMatchObject({
        ...{ status: 'SUCCESS', stdout: `${index.toString()}\n` },
      });
  }, 180_000);
});

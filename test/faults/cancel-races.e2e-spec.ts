import { setTimeout as delay } from 'node:timers/promises';
import { waitForResult, enqueue } from '../support/async';
import type { ApiResponse, Api, JobBody } from '../support/api';
import { createMarker } from '../support/leftovers';
import { findProcesses } from '../support/processes';
import { type Service, startAwsService, startEmbeddedService } from './support/service';

/** Races for each kind of execution. */
const RACES = 250;
const START_RACES = 100;
const CONCURRENT_RACES = 4;
/** Races that each side must win, so that both outcomes are tested. */
const WINS_MIN = RACES / 20;
const START_MS_MAX = 60;

const CANCELLED = { status: 200, body: { status: 'CANCELLED', verdict: 'CANCELLED' } };

const SETTINGS = { WORKER_CONCURRENCY: '4', ENGINE_SLOTS: '4' };
const SERVICES: readonly (readonly [string, () => Promise<Service>])[] = [
  ['two gateways and two workers', () => startAwsService({ gateways: 2, workers: 2 }, SETTINGS)],
  ['the embedded service', () => startEmbeddedService({ hasEngineProcess: false }, SETTINGS)],
];

/** Adapts the time of the cancellation so that cancellation and completion win about equally often. */
class CancelDelay {
  cancelled = 0;
  completed = 0;
  private ms = 80;

  get nextMs(): number {
    return this.ms * (0.8 + 0.4 * Math.random());
  }

  record(isCancelled: boolean): void {
    if (isCancelled) this.cancelled += 1;
    else this.completed += 1;
    this.ms *= isCancelled ? 1.05 : 1 / 1.05;
  }
}

describe.each(SERVICES)('cancellation with %s', (_name, start) => {
  let service: Service;
  let apis: readonly Api[];
  beforeAll(async () => {
    service = await start();
    apis = service.gateways.map(({ api }) => api);
  });
  afterAll(() => service.close());

  const apiFor = (race: number): Api => apis[race % apis.length] as Api;

  async function runRaces(count: number, run: (race: number) => Promise<void>): Promise<void> {
    let started = 0;
    const runner = async (): Promise<void> => {
      while (started < count) await run((started += 1));
    };
    await Promise.all(Array.from({ length: CONCURRENT_RACES }, runner));
  }

  async function expectAgreement(jobId: string, cancel: ApiResponse<JobBody>, final: JobBody): Promise<void> {
    for (const api of apis) expect(await api.status(jobId)).toEqual(final);
    if (final.status === 'CANCELLED') {
      expect(cancel).toMatchObject({ ...CANCELLED, body: final });
    } else {
      expect(final).toMatchObject({ status: 'SUCCESS', stdout: 'ran\n' });
      // The cancellation preceded the execution and affected the pending job.
      const isBefore = cancel.status === 200 && cancel.body.attempt === 0;
      if (!isBefore)
        expect(cancel).toMatchObject({
          status: 409,
          body: { code: 'job-already-finished', current_status: 'SUCCESS' },
        });
    }
  }

  /** Cancels, and expects that no process of the program exists when the response arrives. */
  async function cancelAndExpectStopped(
    api: Api,
    jobId: string,
    marker: string,
  ): Promise<ApiResponse<JobBody>> {
    const response = await api.post<JobBody>(`/api/cancel/${jobId}`);
    expect(findProcesses(marker)).toEqual([]);
    return response;
  }

  it('either completes or cancels an asynchronous execution, and all gateways agree', async () => {
    const cancelDelay = new CancelDelay();
    await runRaces(RACES, async (race) => {
      const marker = createMarker().replace('.', '');
      const jobId = await apiFor(race).upload('bash', `echo ran; sleep 0.03${marker}`);
      expect(await enqueue(apiFor(race), jobId)).toMatchObject({ status: 202 });
      await delay(cancelDelay.nextMs);
      const response = await cancelAndExpectStopped(apiFor(race + 1), jobId, marker);
      const final = await waitForResult(apiFor(race), jobId);
      cancelDelay.record(final.status === 'CANCELLED');
      await expectAgreement(jobId, response, final);
    });
    expect(Math.min(cancelDelay.cancelled, cancelDelay.completed)).toBeGreaterThan(WINS_MIN);
  }, 300_000);

  it('either completes or cancels a synchronous execution, and its client gets the same result', async () => {
    const cancelDelay = new CancelDelay();
    await runRaces(RACES, async (race) => {
      const marker = createMarker().replace('.', '');
      const jobId = await apiFor(race).upload('bash', `echo ran; sleep 0.03${marker}`);
      const execution = apiFor(race).post<JobBody>(`/api/execute/${jobId}`);
      await delay(cancelDelay.nextMs);
      const response = await apiFor(race + 1).post<JobBody>(`/api/cancel/${jobId}`);
      const final = await execution;
      expect(final.status).toBe(200);
      expect(findProcesses(marker)).toEqual([]);
      cancelDelay.record(final.body.status === 'CANCELLED');
      await expectAgreement(jobId, response, final.body);
    });
    expect(Math.min(cancelDelay.cancelled, cancelDelay.completed)).toBeGreaterThan(WINS_MIN);
  }, 300_000);

  it('cancels an execution that is queued or starting', async () => {
    const attempts = [0, 0];
    await runRaces(START_RACES, async (race) => {
      const marker = createMarker().replace('.', '');
      const jobId = await apiFor(race).upload('bash', `sleep 100${marker}`);
      await enqueue(apiFor(race), jobId);
      await delay(Math.random() * START_MS_MAX);
      const response = await cancelAndExpectStopped(apiFor(race + 1), jobId, marker);
      expect(response).toMatchObject(CANCELLED);
      attempts[response.body.attempt] = (attempts[response.body.attempt] ?? 0) + 1;
      for (const api of apis) expect(await api.status(jobId)).toEqual(response.body);
    });
    expect(attempts).toHaveLength(2);
    expect(attempts[1]).toBeGreaterThan(0);
  }, 300_000);
});

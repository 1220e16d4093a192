/** Cancel against the end and the beginning of an execution: one of them wins, and everybody is told the same. */
import { setTimeout as delay } from 'node:timers/promises';
import { waitForResult, enqueue } from '../support/async';
import type { ApiResponse, Api, JobBody } from '../support/api';
import { newMarker } from '../support/left-over';
import { processesWith } from '../support/processes';
import { type Service, startAwsService, startEmbeddedService } from './support/service';

/** Of each way to execute. */
const RACES = 250;
const START_RACES = 100;
const AT_A_TIME = 4;
/** At least so many are won by either. */
const WON_MIN = RACES / 20;
/** ms */
const START_MS_MAX = 60;

const CANCELLED = { status: 200, body: { status: 'CANCELLED', verdict: 'CANCELLED' } };

const SETTINGS = { WORKER_CONCURRENCY: '4', ENGINE_SLOTS: '4' };
const WAYS: readonly (readonly [string, () => Promise<Service>])[] = [
  ['two gateways and two workers', () => startAwsService({ gateways: 2, workers: 2 }, SETTINGS)],
  ['the embedded service', () => startEmbeddedService({ hasEngineProcess: false }, SETTINGS)],
];

/** When to cancel, so that either wins as often. */
class Aim {
  cancelled = 0;
  ended = 0;
  private ms = 80;

  get next(): number {
    return this.ms * (0.8 + 0.4 * Math.random());
  }

  saw(isCancelled: boolean): void {
    if (isCancelled) this.cancelled += 1;
    else this.ended += 1;
    this.ms *= isCancelled ? 1.05 : 1 / 1.05;
  }
}

describe.each(WAYS)('%s', (_name, start) => {
  let service: Service;
  let apis: readonly Api[];
  beforeAll(async () => {
    service = await start();
    apis = service.gateways.map(({ api }) => api);
  });
  afterAll(() => service.close());

  const any = (race: number): Api => apis[race % apis.length] as Api;

  async function races(count: number, run: (race: number) => Promise<void>): Promise<void> {
    let begun = 0;
    const runner = async (): Promise<void> => {
      while (begun < count) await run((begun += 1));
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, runner));
  }

  async function expectAgreement(jobId: string, cancel: ApiResponse<JobBody>, final: JobBody): Promise<void> {
    for (const api of apis) expect(await api.status(jobId)).toEqual(final);
    if (final.status === 'CANCELLED') {
      expect(cancel).toMatchObject({ ...CANCELLED, body: final });
    } else {
      expect(final).toMatchObject({ status: 'SUCCESS', stdout: 'ran\n' });
      // It came before the execution began, and so meant what was there before.
      const isBefore = cancel.status === 200 && cancel.body.attempt === 0;
      if (!isBefore)
        expect(cancel).toMatchObject({
          ...{ status: 409, body: { code: 'job-already-finished', current_status: 'SUCCESS' } },
        });
    }
  }

  /** Cancels, and looks for the program at the very moment of the answer. */
  async function cancel(api: Api, jobId: string, marker: string): Promise<ApiResponse<JobBody>> {
    const answer = await api.post<JobBody>(`/api/cancel/${jobId}`);
    expect(processesWith(marker)).toEqual([]);
    return answer;
  }

  it('either ends or cancels an execution that nobody waits for', async () => {
    const aim = new Aim();
    await races(RACES, async (race) => {
      const marker = newMarker().replace('.', '');
      const jobId = await any(race).upload('bash', `echo ran; sleep 0.03${marker}`);
      expect(await enqueue(any(race), jobId)).toMatchObject({ status: 202 });
      await delay(aim.next);
      const answer = await cancel(any(race + 1), jobId, marker);
      const final = await waitForResult(any(race), jobId);
      aim.saw(final.status === 'CANCELLED');
      await expectAgreement(jobId, answer, final);
    });
    expect(Math.min(aim.cancelled, aim.ended)).toBeGreaterThan(WON_MIN);
  }, 300_000);

  it('either ends or cancels an execution that a client waits for, which is told the same', async () => {
    const aim = new Aim();
    await races(RACES, async (race) => {
      const marker = newMarker().replace('.', '');
      const jobId = await any(race).upload('bash', `echo ran; sleep 0.03${marker}`);
      const execution = any(race).post<JobBody>(`/api/execute/${jobId}`);
      await delay(aim.next);
      const answer = await any(race + 1).post<JobBody>(`/api/cancel/${jobId}`);
      const final = await execution;
      expect(final.status).toBe(200);
      expect(processesWith(marker)).toEqual([]);
      aim.saw(final.body.status === 'CANCELLED');
      await expectAgreement(jobId, answer, final.body);
    });
    expect(Math.min(aim.cancelled, aim.ended)).toBeGreaterThan(WON_MIN);
  }, 300_000);

  it('cancels what is queued or just beginning', async () => {
    const attempts = [0, 0];
    await races(START_RACES, async (race) => {
      const marker = newMarker().replace('.', '');
      const jobId = await any(race).upload('bash', `sleep 100${marker}`);
      await enqueue(any(race), jobId);
      await delay(Math.random() * START_MS_MAX);
      const answer = await cancel(any(race + 1), jobId, marker);
      expect(answer).toMatchObject(CANCELLED);
      attempts[answer.body.attempt] = (attempts[answer.body.attempt] ?? 0) + 1;
      for (const api of apis) expect(await api.status(jobId)).toEqual(answer.body);
    });
    expect(attempts).toHaveLength(2);
    expect(attempts[1]).toBeGreaterThan(0);
  }, 300_000);
});

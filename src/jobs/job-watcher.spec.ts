/** Who waits for a change of a job hears of it: of those of this process at once, of others by looking. */
import { Logger } from '@nestjs/common';
import { deferred } from '../common/async/deferred';
import type { Job } from './job';
import { JobWatcher } from './job-watcher';
import { pendingState, retiredState, stateOf } from './job-transitions';
import type { JobRepository } from './job.repository';

const [T0, T1] = ['2026-01-31T12:00:00.000Z', '2026-01-31T12:00:01.000Z'];
const PENDING: Job = {
  ...{ jobId: '01935d2e-7c1a-7000-8000-000000000000', language: 'bash', s3Key: 'uploads/x.sh' },
  ...{ project: null, functionName: null, description: null, codeBytes: 1, createdAt: T0 },
  ...pendingState(T0),
};
const RETIRED: Job = { ...PENDING, ...retiredState(PENDING, T1) };
const FROM = { statuses: ['PENDING'], attempt: 0 } as const;
const never = (): AbortSignal => new AbortController().signal;

/** A storage whose answers a test gives. */
const changesOf = (find: () => Promise<Job | undefined>): JobWatcher => {
  const repository: Pick<JobRepository, 'find' | 'transition'> = {
    find,
    transition: () => Promise.resolve({ kind: 'changed', job: RETIRED }),
  };
  return new JobWatcher(repository as JobRepository);
};

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('Waiting for a change of a job', () => {
  it('ends with a change that this process makes, for all who wait, without asking the storage', async () => {
    const changes = changesOf(() => new Promise(() => undefined));
    const waiting = [1, 2, 3].map(() => changes.waitForChange(PENDING, never()));
    await changes.transition(PENDING.jobId, FROM, stateOf(RETIRED));
    expect(await Promise.all(waiting)).toEqual([RETIRED, RETIRED, RETIRED]);
  });

  it('ends with a change that another process has made, also before anybody waited', async () => {
    expect(await changesOf(() => Promise.resolve(RETIRED)).waitForChange(PENDING, never())).toEqual(RETIRED);
    expect(await changesOf(() => Promise.resolve(undefined)).waitForChange(PENDING, never())).toBeUndefined();
  });

  it('is not misled by an answer of the storage from before a change of this process', async () => {
    const answer = deferred<Job | undefined>();
    const asked = deferred();
    const changes = changesOf(() => {
      asked.resolve();
      return answer.promise;
    });
    const over = new AbortController();
    const waiting = changes.waitForChange(RETIRED, over.signal);
    await asked.promise;
    await changes.transition(PENDING.jobId, FROM, stateOf(RETIRED));
    answer.resolve(PENDING);
    // Whatever that answer leads to it has led to by then.
    await new Promise(setImmediate);
    over.abort();
    expect(await waiting).toBe(RETIRED);
  });

  it('goes on when the storage is away for a while', async () => {
    let calls = 0;
    const changes = changesOf(() => {
      calls += 1;
      return calls < 3 ? Promise.reject(new Error('away')) : Promise.resolve(RETIRED);
    });
    expect(await changes.waitForChange(PENDING, never())).toEqual(RETIRED);
    expect(calls).toBe(3);
  });

  it('gives back what was seen when it is given up, and looks no more', async () => {
    let calls = 0;
    const changes = changesOf(() => {
      calls += 1;
      return Promise.resolve(PENDING);
    });
    expect(await changes.waitForChange(PENDING, AbortSignal.abort())).toBe(PENDING);
    expect(calls).toBe(0);
    const over = new AbortController();
    const waiting = changes.waitForChange(PENDING, over.signal);
    over.abort();
    expect(await waiting).toBe(PENDING);
  });
});

import { Logger } from '@nestjs/common';
import { deferred } from '../common/async/deferred';
import type { Job } from './job';
import { JobWatcher } from './job-watcher';
import { pendingState, cancelledState, stateOf } from './job-transitions';
import type { JobRepository } from './job.repository';

const [T0, T1] = ['2026-01-31T12:00:00.000Z', '2026-01-31T12:00:01.000Z'];
const PENDING: Job = {
  jobId: '01935d2e-7c1a-7000-8000-000000000000',
  language: 'bash',
  s3Key: 'uploads/x.sh',
  project: null,
  functionName: null,
  description: null,
  codeBytes: 1,
  createdAt: T0,
  ...pendingState(T0),
};
const CANCELLED: Job = { ...PENDING, ...cancelledState(PENDING, T1) };
const FROM = { statuses: ['PENDING'], attempt: 0 } as const;
const never = (): AbortSignal => new AbortController().signal;

/** A watcher on a repository whose reads the test controls. */
const createWatcher = (find: () => Promise<Job | undefined>): JobWatcher => {
  const repository: Pick<JobRepository, 'find' | 'transition'> = {
    find,
    transition: () => Promise.resolve({ kind: 'changed', job: CANCELLED }),
  };
  return new JobWatcher(repository as JobRepository);
};

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('JobWatcher', () => {
  it('notifies all waiters of a change by this process without reading the storage', async () => {
    const watcher = createWatcher(() => new Promise(() => undefined));
    const waiting = [1, 2, 3].map(() => watcher.waitForChange(PENDING, never()));
    await watcher.transition(PENDING.jobId, FROM, stateOf(CANCELLED));
    expect(await Promise.all(waiting)).toEqual([CANCELLED, CANCELLED, CANCELLED]);
  });

  it('notifies a waiter of a change by another process, even one made before the wait started', async () => {
    expect(await createWatcher(() => Promise.resolve(CANCELLED)).waitForChange(PENDING, never())).toEqual(
      CANCELLED,
    );
    expect(
      await createWatcher(() => Promise.resolve(undefined)).waitForChange(PENDING, never()),
    ).toBeUndefined();
  });

  it('ignores a read that started before a change by this process', async () => {
    const response = deferred<Job | undefined>();
    const readStarted = deferred();
    const watcher = createWatcher(() => {
      readStarted.resolve();
      return response.promise;
    });
    const stop = new AbortController();
    const waiting = watcher.waitForChange(CANCELLED, stop.signal);
    await readStarted.promise;
    await watcher.transition(PENDING.jobId, FROM, stateOf(CANCELLED));
    response.resolve(PENDING);
    // By then, the outdated read has been processed.
    await new Promise(setImmediate);
    stop.abort();
    expect(await waiting).toBe(CANCELLED);
  });

  it('keeps waiting while the storage is unavailable', async () => {
    let calls = 0;
    const watcher = createWatcher(() => {
      calls += 1;
      return calls < 3 ? Promise.reject(new Error('unavailable')) : Promise.resolve(CANCELLED);
    });
    expect(await watcher.waitForChange(PENDING, never())).toEqual(CANCELLED);
    expect(calls).toBe(3);
  });

  it('returns the known job and stops polling when the signal aborts', async () => {
    let calls = 0;
    const watcher = createWatcher(() => {
      calls += 1;
      return Promise.resolve(PENDING);
    });
    expect(await watcher.waitForChange(PENDING, AbortSignal.abort())).toBe(PENDING);
    expect(calls).toBe(0);
    const stop = new AbortController();
    const waiting = watcher.waitForChange(PENDING, stop.signal);
    stop.abort();
    expect(await waiting).toBe(PENDING);
  });
});

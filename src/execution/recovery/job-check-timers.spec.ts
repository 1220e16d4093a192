import type { QueueSettings } from '../../config/settings';
import type { Job } from '../../jobs/job';
import { JobCheckTimers } from './job-check-timers';

const LEASE_MS = 9000;
const NOW = new Date('2026-01-31T12:00:00.000Z');

const dueIn = (ms: number): Job => ({ dueAt: new Date(NOW.getTime() + ms).toISOString() }) as Job;

describe('JobCheckTimers', () => {
  const check = jest.fn<Promise<void>, [Job]>();
  let timers: JobCheckTimers;

  beforeEach(() => {
    jest.useFakeTimers({ now: NOW });
    check.mockReset().mockResolvedValue(undefined);
    timers = new JobCheckTimers({ leaseMs: LEASE_MS } as QueueSettings);
    timers.onDue(check);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('checks a job that is due already at once', () => {
    const job = dueIn(0);
    timers.schedule(job);
    expect(check).toHaveBeenCalledWith(job);
  });

  it('checks a job that becomes due before the next round at that moment', () => {
    timers.schedule(dueIn(2000));
    jest.advanceTimersByTime(1999);
    expect(check).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(check).toHaveBeenCalledTimes(1);
  });

  it('leaves a job that is due later, or never, to the rounds of the reconciler', () => {
    expect(timers.intervalMs).toBe(3000);
    timers.schedule(dueIn(3001));
    timers.schedule({ dueAt: null } as Job);
    jest.advanceTimersByTime(LEASE_MS);
    expect(check).not.toHaveBeenCalled();
  });

  it('drops scheduled checks and waits for running ones when it stops', async () => {
    let finish = (): void => undefined;
    check.mockReturnValueOnce(
      new Promise((resolve) => {
        finish = resolve;
      }),
    );
    timers.schedule(dueIn(0));
    timers.schedule(dueIn(1000));
    const onStopped = jest.fn();
    const stopped = timers.stop().then(onStopped);
    await jest.advanceTimersByTimeAsync(1000);
    expect(check).toHaveBeenCalledTimes(1);
    expect(onStopped).not.toHaveBeenCalled();
    finish();
    await stopped;
    timers.schedule(dueIn(0));
    expect(check).toHaveBeenCalledTimes(1);
  });
});

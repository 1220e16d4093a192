import type { ProblemException } from '../../common/problems/problem.exception';
import { type Release, Slots } from './slots';

const never = (): AbortSignal => new AbortController().signal;

async function acquire(slots: Slots, client = 'a'): Promise<Release> {
  const release = await slots.acquire(client, never());
  if (!release) throw new Error('There is no slot');
  return release;
}

const retryAfterOf = (problem: unknown): number =>
  Number((problem as ProblemException).extras.headers?.['retry-after']);
/** The Retry-After of a caller that must be rejected. */
const rejection = (slots: Slots, client = 'a'): Promise<number> =>
  slots.acquire(client, never()).then(
    () => NaN,
    (problem: unknown) => retryAfterOf(problem),
  );

/** Makes holds of `ms` the recent ones. */
async function recordHolds(slots: Slots, ms: number, holds = 20): Promise<void> {
  for (let count = 0; count < holds; count += 1) {
    const release = await acquire(slots);
    jest.advanceTimersByTime(ms);
    release();
  }
}

describe('Retry-After of a rejected caller', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it.each([
    ['1 ms', 1, 1],
    ['999 ms', 999, 1],
    ['1001 ms', 1001, 2],
    ['1 min', 60_000, 60],
  ])('is the mean hold time of %s in whole seconds, rounded up', async (_name, ms, seconds) => {
    const slots = new Slots(1, 0);
    await recordHolds(slots, ms);
    await acquire(slots);
    expect(await rejection(slots)).toBe(seconds);
  });

  it('is at least 1 second and at most 5 minutes', async () => {
    const [quick, slow] = [new Slots(1, 0), new Slots(1, 0)];
    await recordHolds(quick, 0);
    await recordHolds(slow, 3_600_000);
    for (const slots of [quick, slow]) await acquire(slots);
    expect([await rejection(quick), await rejection(slow)]).toEqual([1, 300]);
  });

  it('counts a running hold that is longer than the mean with its own duration', async () => {
    const slots = new Slots(1, 0);
    await recordHolds(slots, 100);
    await acquire(slots);
    jest.advanceTimersByTime(12_000);
    expect(await rejection(slots)).toBe(12);
  });

  it('follows the first hold, before any hold has ended', async () => {
    const slots = new Slots(1, 0);
    await acquire(slots);
    jest.advanceTimersByTime(30_000);
    expect(await rejection(slots)).toBe(30);
  });

  it('grows with the callers that wait, and falls with the number of slots', async () => {
    const estimates = [];
    for (const [size, queueMax] of [
      [1, 0],
      [1, 3],
      [2, 3],
    ] as const) {
      const slots = new Slots(size, queueMax);
      await recordHolds(slots, 10_000);
      for (let count = 0; count < size + queueMax; count += 1) void acquire(slots);
      estimates.push(await rejection(slots));
    }
    expect(estimates).toEqual([10, 40, 20]);
  });

  it('does not depend on how often a client was rejected before', async () => {
    const slots = new Slots(1, 3);
    await recordHolds(slots, 10_000);
    for (let count = 0; count < 4; count += 1) void acquire(slots);
    const estimates = new Set<number>();
    for (let count = 0; count < 1000; count += 1) estimates.add(await rejection(slots));
    expect([...estimates]).toEqual([40]);
  });

  it('is sent to a caller that is evicted from the queue, too', async () => {
    const slots = new Slots(1, 2);
    await recordHolds(slots, 10_000);
    await acquire(slots);
    void acquire(slots);
    const evicted = rejection(slots);
    void acquire(slots, 'b');
    expect(await evicted).toBe(30);
  });

  it.each([1, 2, 3])(
    'lets every rejected caller of a burst in on its first retry, with %d slots and steady hold times',
    async (size) => {
      const [queueMax, holdMs] = [3, 690];
      // As many as the queue and one free slot can take.
      const rejectable = queueMax + 1;
      const slots = new Slots(size, queueMax);
      await recordHolds(slots, holdMs);
      let rejections = 0;
      let rejectedRetries = 0;
      const run = async (isRetry: boolean): Promise<void> => {
        try {
          const release = await acquire(slots);
          setTimeout(release, holdMs);
        } catch (problem) {
          if (isRetry) rejectedRetries += 1;
          else rejections += 1;
          setTimeout(() => void run(true), retryAfterOf(problem) * 1000);
        }
      };
      for (let count = 0; count < size + queueMax + rejectable; count += 1) void run(false);
      await jest.advanceTimersByTimeAsync(60_000);
      expect([rejections, rejectedRetries, slots.free]).toEqual([rejectable, 0, size]);
    },
  );
});

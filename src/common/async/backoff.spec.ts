import { type Backoff, backoffMs, pause, retryWithBackoff } from './backoff';

const BACKOFF: Backoff = { firstMs: 2, factor: 3, maxMs: 10 };

/** Work that fails `failures` times and then returns the number of its calls. */
function failing(failures: number): { work: () => Promise<number>; calledAt: number[] } {
  const calledAt: number[] = [];
  const work = (): Promise<number> => {
    calledAt.push(performance.now());
    const calls = calledAt.length;
    return calls > failures
      ? Promise.resolve(calls)
      : Promise.reject(new Error(`failure ${calls.toString()}`));
  };
  return { work, calledAt };
}

describe('backoffMs', () => {
  it('grows by the factor up to the maximum', () => {
    expect([0, 1, 2, 3, 1000].map((retries) => backoffMs(BACKOFF, retries))).toEqual([2, 6, 10, 10, 10]);
  });
});

describe('pause', () => {
  it('ends when the signal aborts', async () => {
    const controller = new AbortController();
    const paused = pause(2 ** 30, controller.signal);
    controller.abort();
    await paused;
    await pause(2 ** 30, controller.signal);
  });
});

describe('retryWithBackoff', () => {
  it('returns the first result without a second call', async () => {
    const { work, calledAt } = failing(0);
    expect(await retryWithBackoff(work, { backoff: BACKOFF })).toBe(1);
    expect(calledAt).toHaveLength(1);
  });

  it('waits for the backoff between calls', async () => {
    const { work, calledAt } = failing(3);
    expect(await retryWithBackoff(work, { backoff: BACKOFF })).toBe(4);
    const delays = calledAt.slice(1).map((at, index) => at - (calledAt[index] ?? 0));
    // A timer of Node may fire up to 1 ms early.
    for (const [index, ms] of [2, 6, 10].entries()) expect(delays[index]).toBeGreaterThanOrEqual(ms - 1);
  });

  it('throws the last error after `retriesMax` retries', async () => {
    const { work, calledAt } = failing(9);
    await expect(retryWithBackoff(work, { backoff: BACKOFF, retriesMax: 3 })).rejects.toThrow('failure 4');
    expect(calledAt).toHaveLength(4);
  });

  it('retries nothing that fails after `retryForMs`', async () => {
    const { work, calledAt } = failing(9);
    await expect(retryWithBackoff(work, { backoff: BACKOFF, retryForMs: -1 })).rejects.toThrow('failure 1');
    expect(calledAt).toHaveLength(1);
  });

  it('retries nothing that fails after the signal has aborted', async () => {
    const controller = new AbortController();
    const { work, calledAt } = failing(9);
    const aborting = (): Promise<number> => {
      if (calledAt.length === 1) controller.abort();
      return work();
    };
    const options = { backoff: BACKOFF, signal: controller.signal };
    await expect(retryWithBackoff(aborting, options)).rejects.toThrow('failure 2');
    expect(calledAt).toHaveLength(2);
  });

  it('ends its delay and makes one last call when the signal aborts meanwhile', async () => {
    const controller = new AbortController();
    const { work, calledAt } = failing(9);
    const options = { backoff: { ...BACKOFF, firstMs: 2 ** 30, maxMs: 2 ** 30 }, signal: controller.signal };
    const retried = retryWithBackoff(work, options);
    await new Promise(setImmediate);
    controller.abort();
    await expect(retried).rejects.toThrow('failure 2');
    expect(calledAt).toHaveLength(2);
  });
});

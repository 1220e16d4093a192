/** What is repeated, how often, and what is told in the end. Real time: the pauses are promises of Node itself. */
import { retried } from './retry';

/** Work that fails so many times, then gives the number of its calls. */
function failing(times: number): { work: () => Promise<number>; calledAt: number[] } {
  const calledAt: number[] = [];
  const work = (): Promise<number> => {
    calledAt.push(performance.now());
    const calls = calledAt.length;
    return calls > times ? Promise.resolve(calls) : Promise.reject(new Error(`fault ${calls.toString()}`));
  };
  return { work, calledAt };
}

describe('retried', () => {
  it('gives the first result and asks no second time', async () => {
    const { work, calledAt } = failing(0);
    expect(await retried(work)).toBe(1);
    expect(calledAt).toHaveLength(1);
  });

  it('pauses for 50, 200 and 1000 ms between its four attempts, and gives the first that works', async () => {
    const { work, calledAt } = failing(3);
    expect(await retried(work)).toBe(4);
    const pauses = calledAt.slice(1).map((at, index) => at - (calledAt[index] ?? 0));
    for (const [index, least] of [50, 200, 1000].entries()) {
      // A timer of Node may fire up to 1 ms early.
      expect(pauses[index]).toBeGreaterThanOrEqual(least - 1);
      expect(pauses[index]).toBeLessThan(least * 3);
    }
  });

  it('tries nothing again once it is told to stop', async () => {
    const stop = new AbortController();
    const { work, calledAt } = failing(9);
    const told = retried(() => {
      if (calledAt.length === 1) stop.abort();
      return work();
    }, stop.signal);
    await expect(told).rejects.toThrow('fault 2');
    expect(calledAt).toHaveLength(2);
  });

  it('throws the last fault after four attempts', async () => {
    const { work, calledAt } = failing(9);
    await expect(retried(work)).rejects.toThrow('fault 4');
    expect(calledAt).toHaveLength(4);
  });
});

import { deferred } from './deferred';
import { KeyedMutex } from './keyed-mutex';

describe('KeyedMutex', () => {
  it('runs work with the same key one at a time, and work with other keys beside it', async () => {
    const mutex = new KeyedMutex(60_000);
    const [atOnce, most] = [
      { a: 0, b: 0 },
      { a: 0, b: 0 },
    ];
    const work = (name: 'a' | 'b') => async (): Promise<void> => {
      most[name] = Math.max(most[name], (atOnce[name] += 1));
      await new Promise((resolve) => setTimeout(resolve, 2));
      atOnce[name] -= 1;
    };
    const names = Array.from({ length: 20 }, (_, n): 'a' | 'b' => (n % 2 === 0 ? 'a' : 'b'));
    const all = Promise.all(names.map((name) => mutex.runExclusive(name, work(name))));
    await Promise.resolve();
    expect(atOnce).toEqual({ a: 1, b: 1 });
    await all;
    expect(most).toEqual({ a: 1, b: 1 });
  });

  it('returns to each caller its own result or error', async () => {
    const mutex = new KeyedMutex(60_000);
    const results = await Promise.allSettled([
      mutex.runExclusive('a', () => Promise.reject(new Error('own'))),
      mutex.runExclusive('a', () => Promise.resolve(1)),
      mutex.runExclusive('a', () => Promise.resolve(2)),
    ]);
    expect(results).toEqual([
      { status: 'rejected', reason: new Error('own') },
      { status: 'fulfilled', value: 1 },
      { status: 'fulfilled', value: 2 },
    ]);
  });

  it('starts waiting work after the timeout although earlier work never ends', async () => {
    const mutex = new KeyedMutex(50);
    const first = deferred<string>();
    const stuck = mutex.runExclusive('a', () => first.promise);
    const startedAt = performance.now();
    expect(await mutex.runExclusive('a', () => Promise.resolve('second'))).toBe('second');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(49);
    first.resolve('first');
    expect(await stuck).toBe('first');
  });
});

/** Who waits for whom, and for how long. */
import { deferred } from '../../common/deferred';
import { Turns } from './turns';

describe('Turns', () => {
  it('lets one at a time under a name, and others under other names meanwhile', async () => {
    const turns = new Turns(60_000);
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
    const all = Promise.all(names.map((name) => turns.take(name, work(name))));
    await Promise.resolve();
    expect(atOnce).toEqual({ a: 1, b: 1 });
    await all;
    expect(most).toEqual({ a: 1, b: 1 });
  });

  it('gives each its own result and its own fault, and goes on after either', async () => {
    const turns = new Turns(60_000);
    const results = await Promise.allSettled([
      turns.take('a', () => Promise.reject(new Error('mine'))),
      turns.take('a', () => Promise.resolve(1)),
      turns.take('a', () => Promise.resolve(2)),
    ]);
    expect(results).toEqual([
      { status: 'rejected', reason: new Error('mine') },
      { status: 'fulfilled', value: 1 },
      { status: 'fulfilled', value: 2 },
    ]);
  });

  it('does not depend on one that does not come to an end', async () => {
    const turns = new Turns(50);
    const first = deferred<string>();
    const stuck = turns.take('a', () => first.promise);
    const since = performance.now();
    expect(await turns.take('a', () => Promise.resolve('second'))).toBe('second');
    expect(performance.now() - since).toBeGreaterThanOrEqual(49);
    first.resolve('first');
    expect(await stuck).toBe('first');
  });
});

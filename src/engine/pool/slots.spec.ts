/** Slots: never more than there are, none lost, fair between clients, and a line that has an end. */
import { getEventListeners } from 'node:events';
import type { ProblemException } from '../../common/problems/problem.exception';
import { type Release, Slots } from './slots';

const never = (): AbortSignal => new AbortController().signal;

/** Most tests have one client. */
async function take(slots: Slots, signal = never(), client = 'a'): Promise<Release> {
  const release = await slots.acquire(client, signal);
  if (!release) throw new Error('There is no slot');
  return release;
}

/** Whether the promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  await new Promise(setImmediate);
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('Slots', () => {
  it('gives as many slots as there are at once, and the next one when one is given back', async () => {
    const slots = new Slots(2, 5);
    const first = await take(slots);
    await take(slots);
    const third = slots.acquire('a', never());
    expect(await isSettled(third)).toBe(false);
    first();
    expect(await third).toBeInstanceOf(Function);
  });

  it('admits those who wait in the order in which they came', async () => {
    const slots = new Slots(1, 10);
    const order: number[] = [];
    const release = await take(slots);
    const waiting = Array.from({ length: 10 }, (_, index) =>
      take(slots).then((next) => {
        order.push(index);
        next();
      }),
    );
    release();
    await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('refuses as busy when the line is full, and has a place again when one has left', async () => {
    const slots = new Slots(1, 1);
    await take(slots);
    const controller = new AbortController();
    const waiting = slots.acquire('a', controller.signal);
    await expect(slots.acquire('a', never())).rejects.toMatchObject({ code: 'engine-busy' });
    controller.abort();
    expect(await waiting).toBeUndefined();
    expect(await isSettled(slots.acquire('a', never()))).toBe(false);
  });

  it('without a line refuses at once', async () => {
    const slots = new Slots(1, 0);
    const release = await take(slots);
    await expect(slots.acquire('a', never())).rejects.toMatchObject({ code: 'engine-busy' });
    release();
    await take(slots);
  });

  it('gives a slot back once, however often it is released', async () => {
    const slots = new Slots(1, 1);
    const release = await take(slots);
    release();
    release();
    await take(slots);
    expect(await isSettled(slots.acquire('a', never()))).toBe(false);
  });

  it('gives nothing to one whose signal was aborted before, even if a slot is free', async () => {
    const slots = new Slots(1, 0);
    expect(await slots.acquire('a', AbortSignal.abort())).toBeUndefined();
    await take(slots);
  });

  it('passes over one who left the line', async () => {
    const slots = new Slots(1, 3);
    const release = await take(slots);
    const leaving = new AbortController();
    const first = slots.acquire('a', leaving.signal);
    const second = slots.acquire('a', never());
    leaving.abort();
    release();
    expect([await first, typeof (await second)]).toEqual([undefined, 'function']);
  });

  it('leaves the line as it is when one is aborted that has its slot already', async () => {
    const slots = new Slots(1, 3);
    const release = await take(slots);
    const controller = new AbortController();
    const first = take(slots, controller.signal);
    const second = slots.acquire('a', never());
    release();
    const releaseFirst = await first;
    controller.abort();
    releaseFirst();
    expect(await second).toBeInstanceOf(Function);
  });

  it('that was given at the moment of the abort can still be given back', async () => {
    const slots = new Slots(1, 1);
    const release = await take(slots);
    const controller = new AbortController();
    const waiting = slots.acquire('a', controller.signal);
    release();
    controller.abort();
    (await waiting)?.();
    await take(slots);
  });

  it('are free when nobody uses or waits for them', async () => {
    const slots = new Slots(2, 5);
    expect(slots.free).toBe(2);
    const releases = [await take(slots), await take(slots)];
    const waiting = take(slots);
    releases[0]?.();
    expect(slots.free).toBe(0);
    releases.push(await waiting);
    releases.forEach((release) => {
      release();
    });
    expect(slots.free).toBe(2);
  });

  it('tells when one comes free that nobody waits for, each time and no other', async () => {
    const slots = new Slots(1, 5);
    const seen: number[] = [];
    slots.onIdle(() => seen.push(slots.free));
    const first = await take(slots);
    const second = take(slots);
    first();
    first();
    expect(seen).toEqual([]);
    (await second)();
    expect(seen).toEqual([1]);
    (await take(slots))();
    expect(seen).toEqual([1, 1]);
  });
});

describe('Slots of several clients', () => {
  /** Has one slot taken, and these in the line, by their first letters. */
  async function lineOf(names: string, queueMax = names.length) {
    const slots = new Slots(1, queueMax);
    const order: string[] = [];
    const refused: string[] = [];
    const release = await take(slots, never(), 'x');
    const join = (name: string): Promise<void> =>
      take(slots, never(), name.slice(0, 1)).then(
        (next) => {
          order.push(name);
          next();
        },
        (problem: unknown) => {
          refused.push(`${name}: ${(problem as ProblemException).code}`);
        },
      );
    const places = names.split(' ').map(join);
    const served = async (): Promise<string> => {
      release();
      await Promise.all(places);
      return order.join(' ');
    };
    return { slots, refused, served, join: (name: string) => places.push(join(name)) };
  }

  it('are given in turn, and in order within a client', async () => {
    const { served } = await lineOf('a1 a2 a3 a4 b1 c1 b2 c2');
    expect(await served()).toBe('a1 b1 c1 a2 b2 c2 a3 a4');
  });

  it('are given to one who comes late after one more of a client that floods', async () => {
    const flood = Array.from({ length: 50 }, (_, index) => `a${index.toString()}`).join(' ');
    const { served, join } = await lineOf(flood, 100);
    join('b0');
    expect((await served()).split(' ').indexOf('b0')).toBe(1);
  });

  it('have room in a full line for a client with fewer places: the newest of the heaviest goes', async () => {
    const { served, join, refused } = await lineOf('a1 a2 a3 b1', 4);
    join('c1');
    join('b2');
    expect(await served()).toBe('a1 b1 c1 b2');
    expect(refused).toEqual(['a3: engine-busy', 'a2: engine-busy']);
  });

  it('have no room in a full line for a client that has as many places as any other', async () => {
    const { served, join, refused } = await lineOf('a1 a2 b1 b2', 4);
    join('a3');
    join('b3');
    expect(await served()).toBe('a1 b1 a2 b2');
    expect(refused).toEqual(['a3: engine-busy', 'b3: engine-busy']);
  });

  it('keep no listener on the signal of one who was displaced', async () => {
    const slots = new Slots(1, 1);
    await take(slots);
    const controller = new AbortController();
    const displaced = slots.acquire('a', controller.signal);
    const winner = slots.acquire('b', never());
    await expect(displaced).rejects.toMatchObject({ code: 'engine-busy' });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    controller.abort();
    expect(await isSettled(winner)).toBe(false);
  });
});

import { getEventListeners } from 'node:events';
import type { ProblemException } from '../../common/problems/problem.exception';
import { type Release, Slots } from './slots';

const never = (): AbortSignal => new AbortController().signal;

/** Most tests have a single client. */
async function acquire(slots: Slots, signal = never(), client = 'a'): Promise<Release> {
  const release = await slots.acquire(client, signal);
  if (!release) throw new Error('There is no slot');
  return release;
}

/** Whether the promise settles without further events. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  await new Promise(setImmediate);
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('Slots', () => {
  it('assigns all free slots immediately, and the next one when a slot is released', async () => {
    const slots = new Slots(2, 5);
    const first = await acquire(slots);
    await acquire(slots);
    const third = slots.acquire('a', never());
    expect(await isSettled(third)).toBe(false);
    first();
    expect(await third).toBeInstanceOf(Function);
  });

  it('admits the callers of one client in the order of their arrival', async () => {
    const slots = new Slots(1, 10);
    const order: number[] = [];
    const release = await acquire(slots);
    const queued = Array.from({ length: 10 }, (_, index) =>
      acquire(slots).then((next) => {
        order.push(index);
        next();
      }),
    );
    release();
    await Promise.all(queued);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('rejects a caller when the queue is full, and accepts one after another caller has left', async () => {
    const slots = new Slots(1, 1);
    await acquire(slots);
    const controller = new AbortController();
    const queued = slots.acquire('a', controller.signal);
    await expect(slots.acquire('a', never())).rejects.toMatchObject({ code: 'engine-busy' });
    controller.abort();
    expect(await queued).toBeUndefined();
    expect(await isSettled(slots.acquire('a', never()))).toBe(false);
  });

  it('rejects a caller immediately without a queue', async () => {
    const slots = new Slots(1, 0);
    const release = await acquire(slots);
    await expect(slots.acquire('a', never())).rejects.toMatchObject({ code: 'engine-busy' });
    release();
    await acquire(slots);
  });

  it('releases a slot once, however often release is called', async () => {
    const slots = new Slots(1, 1);
    const release = await acquire(slots);
    release();
    release();
    await acquire(slots);
    expect(await isSettled(slots.acquire('a', never()))).toBe(false);
  });

  it('assigns no slot to a caller whose signal has aborted before, even if one is free', async () => {
    const slots = new Slots(1, 0);
    expect(await slots.acquire('a', AbortSignal.abort())).toBeUndefined();
    await acquire(slots);
  });

  it('skips a caller that has left the queue', async () => {
    const slots = new Slots(1, 3);
    const release = await acquire(slots);
    const leaving = new AbortController();
    const first = slots.acquire('a', leaving.signal);
    const second = slots.acquire('a', never());
    leaving.abort();
    release();
    expect([await first, typeof (await second)]).toEqual([undefined, 'function']);
  });

  it('does not change the queue when a caller that has its slot is aborted', async () => {
    const slots = new Slots(1, 3);
    const release = await acquire(slots);
    const controller = new AbortController();
    const first = acquire(slots, controller.signal);
    const second = slots.acquire('a', never());
    release();
    const releaseFirst = await first;
    controller.abort();
    releaseFirst();
    expect(await second).toBeInstanceOf(Function);
  });

  it('returns a slot that was assigned in the moment of the abort, so that it can be released', async () => {
    const slots = new Slots(1, 1);
    const release = await acquire(slots);
    const controller = new AbortController();
    const queued = slots.acquire('a', controller.signal);
    release();
    controller.abort();
    (await queued)?.();
    await acquire(slots);
  });

  it('counts a slot as free when it is neither in use nor awaited', async () => {
    const slots = new Slots(2, 5);
    expect(slots.free).toBe(2);
    const releases = [await acquire(slots), await acquire(slots)];
    const queued = acquire(slots);
    releases[0]?.();
    expect(slots.free).toBe(0);
    releases.push(await queued);
    releases.forEach((release) => {
      release();
    });
    expect(slots.free).toBe(2);
  });

  it('calls the idle listeners whenever a slot is released that no caller waits for', async () => {
    const slots = new Slots(1, 5);
    const seen: number[] = [];
    slots.onIdle(() => seen.push(slots.free));
    const first = await acquire(slots);
    const second = acquire(slots);
    first();
    first();
    expect(seen).toEqual([]);
    (await second)();
    expect(seen).toEqual([1]);
    (await acquire(slots))();
    expect(seen).toEqual([1, 1]);
  });
});

describe('Slots with several clients', () => {
  /** Occupies the only slot and enqueues these callers. The first letter of a name is the client. */
  async function enqueueCallers(names: string, queueMax = names.length) {
    const slots = new Slots(1, queueMax);
    const order: string[] = [];
    const rejected: string[] = [];
    const release = await acquire(slots, never(), 'x');
    const join = (name: string): Promise<void> =>
      acquire(slots, never(), name.slice(0, 1)).then(
        (next) => {
          order.push(name);
          next();
        },
        (problem: unknown) => {
          rejected.push(`${name}: ${(problem as ProblemException).code}`);
        },
      );
    const callers = names.split(' ').map(join);
    const served = async (): Promise<string> => {
      release();
      await Promise.all(callers);
      return order.join(' ');
    };
    return { slots, rejected, served, join: (name: string) => callers.push(join(name)) };
  }

  it('assigns slots to the clients in turn, and in order within a client', async () => {
    const { served } = await enqueueCallers('a1 a2 a3 a4 b1 c1 b2 c2');
    expect(await served()).toBe('a1 b1 c1 a2 b2 c2 a3 a4');
  });

  it('serves a late client after one more caller of a client that floods the queue', async () => {
    const flood = Array.from({ length: 50 }, (_, index) => `a${index.toString()}`).join(' ');
    const { served, join } = await enqueueCallers(flood, 100);
    join('b0');
    expect((await served()).split(' ').indexOf('b0')).toBe(1);
  });

  it('evicts the newest caller of the client with the most, for a client that has fewer', async () => {
    const { served, join, rejected } = await enqueueCallers('a1 a2 a3 b1', 4);
    join('c1');
    join('b2');
    expect(await served()).toBe('a1 b1 c1 b2');
    expect(rejected).toEqual(['a3: engine-busy', 'a2: engine-busy']);
  });

  it('rejects a caller when no other client has more callers in the full queue', async () => {
    const { served, join, rejected } = await enqueueCallers('a1 a2 b1 b2', 4);
    join('a3');
    join('b3');
    expect(await served()).toBe('a1 b1 a2 b2');
    expect(rejected).toEqual(['a3: engine-busy', 'b3: engine-busy']);
  });

  it('removes its listener from the signal of an evicted caller', async () => {
    const slots = new Slots(1, 1);
    await acquire(slots);
    const controller = new AbortController();
    const evicted = slots.acquire('a', controller.signal);
    const winner = slots.acquire('b', never());
    await expect(evicted).rejects.toMatchObject({ code: 'engine-busy' });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    controller.abort();
    expect(await isSettled(winner)).toBe(false);
  });
});

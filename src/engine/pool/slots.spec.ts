/** Slots: never more than there are, none lost, first come first served, and a line that has an end. */
import { Slots } from './slots';

const never = (): AbortSignal => new AbortController().signal;
type Release = () => void;

async function take(slots: Slots, signal = never()): Promise<Release> {
  const release = await slots.acquire(signal);
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
    const third = slots.acquire(never());
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
    const waiting = slots.acquire(controller.signal);
    await expect(slots.acquire(never())).rejects.toMatchObject({ code: 'engine-busy' });
    controller.abort();
    expect(await waiting).toBeUndefined();
    expect(await isSettled(slots.acquire(never()))).toBe(false);
  });

  it('without a line refuses at once', async () => {
    const slots = new Slots(1, 0);
    const release = await take(slots);
    await expect(slots.acquire(never())).rejects.toMatchObject({ code: 'engine-busy' });
    release();
    await take(slots);
  });

  it('says when to come again in whole seconds, at least one, and longer the longer slots are held', async () => {
    jest.useFakeTimers();
    try {
      const secondsOf = async (slots: Slots): Promise<number> => {
        const fault: unknown = await slots.acquire(never()).catch((error: unknown) => error);
        return Number(
          (fault as { extras: { headers: Record<string, string> } }).extras.headers['retry-after'],
        );
      };
      const [quick, slow] = [new Slots(1, 0), new Slots(1, 0)];
      for (const [slots, ms] of [[quick, 1] as const, [slow, 60_000] as const]) {
        for (let count = 0; count < 20; count += 1) {
          const release = await take(slots);
          jest.advanceTimersByTime(ms);
          release();
        }
        await take(slots);
      }
      expect(await secondsOf(quick)).toBe(1);
      expect(await secondsOf(slow)).toBeGreaterThan(50);
      expect(await secondsOf(slow)).toBeLessThanOrEqual(60);
    } finally {
      jest.useRealTimers();
    }
  });

  it('gives a slot back once, however often it is released', async () => {
    const slots = new Slots(1, 1);
    const release = await take(slots);
    release();
    release();
    await take(slots);
    expect(await isSettled(slots.acquire(never()))).toBe(false);
  });

  it('gives nothing to one whose signal was aborted before, even if a slot is free', async () => {
    const slots = new Slots(1, 0);
    expect(await slots.acquire(AbortSignal.abort())).toBeUndefined();
    await take(slots);
  });

  it('passes over one who left the line', async () => {
    const slots = new Slots(1, 3);
    const release = await take(slots);
    const leaving = new AbortController();
    const first = slots.acquire(leaving.signal);
    const second = slots.acquire(never());
    leaving.abort();
    release();
    expect([await first, typeof (await second)]).toEqual([undefined, 'function']);
  });

  it('leaves the line as it is when one is aborted that has its slot already', async () => {
    const slots = new Slots(1, 3);
    const release = await take(slots);
    const controller = new AbortController();
    const first = take(slots, controller.signal);
    const second = slots.acquire(never());
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
    const waiting = slots.acquire(controller.signal);
    release();
    controller.abort();
    (await waiting)?.();
    await take(slots);
  });

  it.each([1, 2, 3, 4, 5])(
    'loses no slot and gives none twice over thousands of random events (seed %d)',
    async (seed) => {
      const [size, queueMax] = [3, 4];
      const slots = new Slots(size, queueMax);
      const random = randomOf(seed);
      const held: Release[] = [];
      const waiting = new Set<AbortController>();
      let refused = 0;
      let left = 0;
      const acquire = async (): Promise<void> => {
        const controller = new AbortController();
        waiting.add(controller);
        try {
          const release = await slots.acquire(controller.signal);
          if (release) held.push(release);
          else left += 1;
        } catch {
          refused += 1;
        } finally {
          waiting.delete(controller);
        }
      };
      for (let event = 0; event < 5000; event += 1) {
        const kind = random();
        if (kind < 0.5) void acquire();
        else if (kind < 0.75) held.splice(Math.floor(random() * held.length), 1)[0]?.();
        else [...waiting][Math.floor(random() * waiting.size)]?.abort();
        if (random() < 0.5) await new Promise(setImmediate);
        expect(held.length).toBeLessThanOrEqual(size);
      }
      // Everything is given back: then there are exactly as many slots and places as at the beginning.
      for (const controller of waiting) controller.abort();
      await new Promise(setImmediate);
      while (held.length > 0) {
        held.pop()?.();
        await new Promise(setImmediate);
      }
      expect([refused > 100, left > 100]).toEqual([true, true]);
      for (let count = 0; count < size; count += 1) await take(slots);
      const line = Array.from({ length: queueMax }, () => slots.acquire(never()));
      for (const place of line) expect(await isSettled(place)).toBe(false);
      await expect(slots.acquire(never())).rejects.toMatchObject({ code: 'engine-busy' });
    },
  );
});

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

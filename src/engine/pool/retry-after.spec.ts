/** What those are told who are refused: a time at which a place is likely free for them. */
import type { ProblemException } from '../../common/problems/problem.exception';
import { type Release, Slots } from './slots';

const never = (): AbortSignal => new AbortController().signal;

async function take(slots: Slots, client = 'a'): Promise<Release> {
  const release = await slots.acquire(client, never());
  if (!release) throw new Error('There is no slot');
  return release;
}

const secondsIn = (problem: unknown): number =>
  Number((problem as ProblemException).extras.headers?.['retry-after']);
/** What the refusal says. */
const refusal = (slots: Slots, client = 'a'): Promise<number> =>
  slots.acquire(client, never()).then(
    () => NaN,
    (problem: unknown) => secondsIn(problem),
  );

/** Lets the slots learn how long they are held. */
async function learn(slots: Slots, ms: number, holds = 20): Promise<void> {
  for (let count = 0; count < holds; count += 1) {
    const release = await take(slots);
    jest.advanceTimersByTime(ms);
    release();
  }
}

/** Each is a quarter longer than what was measured. */
describe('Retry-After', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is in whole seconds, at least one, and longer the longer slots are held', async () => {
    const [quick, slow] = [new Slots(1, 0), new Slots(1, 0)];
    await learn(quick, 1);
    await learn(slow, 60_000);
    for (const slots of [quick, slow]) await take(slots);
    expect([await refusal(quick), await refusal(slow)]).toEqual([1, 75]);
  });

  it('counts what the running hold has used up already of the mean', async () => {
    const slots = new Slots(1, 0);
    await learn(slots, 60_000);
    await take(slots);
    jest.advanceTimersByTime(20_000);
    expect(await refusal(slots)).toBe(50);
  });

  it('takes a running hold that is longer than the mean for as long again', async () => {
    const slots = new Slots(1, 0);
    await learn(slots, 100);
    await take(slots);
    jest.advanceTimersByTime(12_000);
    expect(await refusal(slots)).toBe(15);
  });

  it('takes a first hold, before anything was measured, for as long again', async () => {
    const slots = new Slots(1, 0);
    await take(slots);
    jest.advanceTimersByTime(30_000);
    expect(await refusal(slots)).toBe(38);
  });

  it('sends those who are refused together back one by one, as places come free', async () => {
    const slots = new Slots(2, 2);
    await learn(slots, 10_000);
    for (let count = 0; count < 4; count += 1) void take(slots);
    const told = [];
    for (let count = 0; count < 5; count += 1) told.push(await refusal(slots));
    expect(told).toEqual([13, 19, 25, 32, 38]);
  });

  it('is the same again when all who were told a time have had it', async () => {
    const slots = new Slots(1, 0);
    await learn(slots, 10_000);
    for (let count = 0; count < 3; count += 1) {
      const release = await take(slots);
      expect(await refusal(slots)).toBe(13);
      jest.advanceTimersByTime(10_000);
      release();
      jest.advanceTimersByTime(2500);
    }
  });

  it('does not grow without end for a client that asks without waiting', async () => {
    const slots = new Slots(1, 3);
    await learn(slots, 10_000);
    for (let count = 0; count < 4; count += 1) void take(slots);
    let most = 0;
    for (let count = 0; count < 1000; count += 1) most = Math.max(most, await refusal(slots));
    expect(most).toBe(513);
  });

  it('counts the turns of the other clients in the line, not what this one asked for', async () => {
    const slots = new Slots(1, 4);
    await learn(slots, 10_000);
    await take(slots);
    for (const client of ['a', 'a', 'b', 'b']) void take(slots, client);
    // Each gets every other place.
    expect([await refusal(slots, 'a'), await refusal(slots, 'a'), await refusal(slots, 'b')]).toEqual([
      ...[25, 50, 25],
    ]);
  });

  it('is told to one who was displaced too', async () => {
    const slots = new Slots(1, 2);
    await learn(slots, 10_000);
    await take(slots);
    void take(slots);
    const displaced = refusal(slots);
    void take(slots, 'b');
    expect(await displaced).toBe(25);
  });

  it.each([1, 2, 3])('of a burst on %d slots is kept: who comes then has a place', async (size) => {
    const [queueMax, holdMs] = [3, 690];
    const slots = new Slots(size, queueMax);
    await learn(slots, holdMs);
    let refused = 0;
    let refusedAgain = 0;
    const run = async (isRetry: boolean): Promise<void> => {
      try {
        const release = await take(slots);
        setTimeout(release, holdMs);
      } catch (problem) {
        if (isRetry) refusedAgain += 1;
        else refused += 1;
        setTimeout(() => void run(true), secondsIn(problem) * 1000);
      }
    };
    for (let count = 0; count < 20; count += 1) void run(false);
    await jest.advanceTimersByTimeAsync(60_000);
    expect([refused, refusedAgain, slots.free]).toEqual([20 - size - queueMax, 0, size]);
  });
});

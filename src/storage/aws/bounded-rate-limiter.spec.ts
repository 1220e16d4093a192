/** Calls under throttling: slowed down, never held up for long. */
import { BoundedRateLimiter } from './bounded-rate-limiter';

/** One after the other, each in a turn of the event loop of its own, as requests come. */
async function callsOf(limiter: BoundedRateLimiter, count: number): Promise<PromiseSettledResult<void>[]> {
  const calls: Promise<void>[] = [];
  for (let call = 0; call < count; call += 1) {
    const turn = limiter.getSendToken();
    turn.catch(() => undefined);
    calls.push(turn);
    await new Promise(setImmediate);
  }
  return Promise.allSettled(calls);
}

/** As the strategy tells it of an attempt that was refused. */
const throttled = (limiter: BoundedRateLimiter): void => {
  const error = Object.assign(new Error('refused'), { name: 'ThrottlingException', $metadata: {} });
  limiter.updateClientSendingRate({ error, errorType: 'THROTTLING' });
};

describe('The rate limiter', () => {
  it('lets every call through at once while nothing is throttled', async () => {
    const limiter = new BoundedRateLimiter();
    await Promise.all(Array.from({ length: 1000 }, () => limiter.getSendToken()));
  });

  it('after a refusal lets a hundred calls wait for their turn, and refuses the others as throttled', async () => {
    const limiter = new BoundedRateLimiter();
    throttled(limiter);
    const calls = await callsOf(limiter, 300);
    const refused = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason as Error] : []));
    // Some have had their turn before the last ones came.
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(200);
    for (const { name } of refused) expect(name).toBe('ThrottlingException');
  });

  it('takes calls again as soon as others have had their turn', async () => {
    const limiter = new BoundedRateLimiter();
    throttled(limiter);
    await callsOf(limiter, 150);
    await expect(limiter.getSendToken()).resolves.toBeUndefined();
  });
});

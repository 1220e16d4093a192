import { BoundedRateLimiter } from './bounded-rate-limiter';

/** Starts each call in its own turn of the event loop, as requests arrive. */
async function makeCalls(limiter: BoundedRateLimiter, count: number): Promise<PromiseSettledResult<void>[]> {
  const calls: Promise<void>[] = [];
  for (let n = 0; n < count; n += 1) {
    const call = limiter.getSendToken();
    call.catch(() => undefined);
    calls.push(call);
    await new Promise(setImmediate);
  }
  return Promise.allSettled(calls);
}

/** Reports a throttled attempt, as the retry strategy does. */
const reportThrottling = (limiter: BoundedRateLimiter): void => {
  const error = Object.assign(new Error('throttled'), { name: 'ThrottlingException', $metadata: {} });
  limiter.updateClientSendingRate({ error, errorType: 'THROTTLING' });
};

describe('BoundedRateLimiter', () => {
  it('lets every call through at once while nothing is throttled', async () => {
    const limiter = new BoundedRateLimiter();
    await Promise.all(Array.from({ length: 1000 }, () => limiter.getSendToken()));
  });

  it('lets a hundred calls wait after throttling, and rejects the others as throttled', async () => {
    const limiter = new BoundedRateLimiter();
    reportThrottling(limiter);
    const calls = await makeCalls(limiter, 300);
    const rejected = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason as Error] : []));
    // Some calls have proceeded before the last ones arrive.
    expect(rejected.length).toBeGreaterThan(0);
    expect(rejected.length).toBeLessThanOrEqual(200);
    for (const { name } of rejected) expect(name).toBe('ThrottlingException');
  });

  it('accepts calls again as soon as waiting calls have proceeded', async () => {
    const limiter = new BoundedRateLimiter();
    reportThrottling(limiter);
    await makeCalls(limiter, 150);
    await expect(limiter.getSendToken()).resolves.toBeUndefined();
  });
});

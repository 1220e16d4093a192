import { DefaultRateLimiter } from '@smithy/core/retry';

/**
 * Calls a second that a client may make even while AWS throttles; a tenth of what one partition takes. The SDK's own limiter
 * starts at one call in two seconds, whatever the load was: after one throttled call, 40 concurrent calls took 2.7 s.
 */
const RATE_MIN = 100;
/** Calls that may wait: those of one second. Further calls are rejected as if AWS had throttled them. */
const WAITING_MAX = RATE_MIN;

/** The rate limiter of the SDK's adaptive retries, with a minimum rate and a maximum number of waiting calls. */
export class BoundedRateLimiter extends DefaultRateLimiter {
  private waiting = 0;

  constructor() {
    super({ minFillRate: RATE_MIN, minCapacity: RATE_MIN });
  }

  /** @throws Error with the name of DynamoDB's throttling error if too many calls are waiting */
  override async getSendToken(): Promise<void> {
    if (this.waiting >= WAITING_MAX) throw new ThrottlingError();
    // A call that may proceed at once does not count as waiting.
    let waits = 0;
    const startsWaiting = setImmediate(() => {
      waits = 1;
      this.waiting += waits;
    });
    try {
      await super.getSendToken();
    } finally {
      clearImmediate(startsWaiting);
      this.waiting -= waits;
    }
  }
}

class ThrottlingError extends Error {
  override readonly name = 'ThrottlingException';

  constructor() {
    super(`${WAITING_MAX.toString()} calls are waiting already because the service throttles`);
  }
}

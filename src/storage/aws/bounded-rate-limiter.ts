/** How the SDK's adaptive retries slow down while AWS throttles, within bounds: of the rate, and of those who wait. */
import { DefaultRateLimiter } from '@smithy/core/retry';

/**
 * Calls a second that a client makes even then; a tenth of what one partition takes. The SDK's own limit begins at one in
 * two seconds, whatever the load was: after one refusal 40 calls at once took 2.7 s.
 */
const RATE_MIN = 100;
/** Calls that wait for their turn: a second's worth. Further ones are refused as AWS would refuse them. */
const WAITING_MAX = RATE_MIN;

export class BoundedRateLimiter extends DefaultRateLimiter {
  private waiting = 0;

  constructor() {
    super({ minFillRate: RATE_MIN, minCapacity: RATE_MIN });
  }

  /** @throws Error named as DynamoDB's refusal, when too many wait already */
  override async getSendToken(): Promise<void> {
    if (this.waiting >= WAITING_MAX) throw new ThrottlingError();
    // Who gets its turn at once does not wait.
    let waits = 0;
    const begins = setImmediate(() => {
      waits = 1;
      this.waiting += waits;
    });
    try {
      await super.getSendToken();
    } finally {
      clearImmediate(begins);
      this.waiting -= waits;
    }
  }
}

class ThrottlingError extends Error {
  override readonly name = 'ThrottlingException';

  constructor() {
    super(`${WAITING_MAX.toString()} calls wait already, since the service throttles`);
  }
}

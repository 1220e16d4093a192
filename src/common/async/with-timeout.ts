import { pause } from './backoff';

/** Settles with `work`, or after `ms`. The work itself is not stopped, and its result is ignored. */
export async function withTimeout(ms: number, work: Promise<unknown>): Promise<void> {
  const settled = new AbortController();
  try {
    await Promise.race([work, pause(ms, settled.signal)]);
  } finally {
    settled.abort();
  }
}

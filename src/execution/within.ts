/** Waits, but not for ever. */
import { setTimeout as delay } from 'node:timers/promises';

/** @param ms after which it goes on without; the work itself is not stopped */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const patience = delay(ms, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([work, patience]);
  over.abort();
}

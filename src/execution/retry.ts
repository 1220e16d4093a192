/** Repeats what must not be given up at the first fault. */
import { setTimeout as delay } from 'node:timers/promises';

/** ms between attempts: long enough for a storage to come back from a hiccup, short enough for a client to wait. */
const PAUSES_MS = [50, 200, 1000] as const;

/** ms after which nothing is tried again: each try of a storage that does not answer may take long by itself. */
const TRYING_MS_MAX = 30_000;

/**
 * @param signal when it is aborted nothing is tried again
 * @throws the last fault
 */
export async function retried<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const since = performance.now();
  for (const pause of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted || performance.now() - since > TRYING_MS_MAX) throw error;
      await delay(pause);
    }
  }
  return work();
}

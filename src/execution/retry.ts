/** Repeats what must not be given up at the first fault. */
import { setTimeout as delay } from 'node:timers/promises';

/** ms between attempts: long enough for a storage to come back from a hiccup, short enough for a client to wait. */
const PAUSES_MS = [50, 200, 1000] as const;

/** @throws the last fault */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await work();
    } catch {
      await delay(pause);
    }
  }
  return work();
}

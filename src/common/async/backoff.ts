import { setTimeout as sleep } from 'node:timers/promises';

/** Delays that grow by `factor` from `firstMs` up to `maxMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

/** @param retries retries made before this one: 0 for the first */
export const backoffMs = ({ firstMs, factor, maxMs }: Backoff, retries: number): number =>
  Math.min(firstMs * factor ** retries, maxMs);

/** Waits, but no longer than until the signal aborts. Never rejects. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal && { signal }).catch(() => undefined);
}

export interface RetryOptions {
  readonly backoff: Backoff;
  /** Calls besides the first; without it, retries end only with `retryForMs` or the signal. */
  readonly retriesMax?: number;
  /** Milliseconds since the first call after which a failure is final, because a call may itself take long. */
  readonly retryForMs?: number;
  /** When it aborts, a delay ends early, one last call is made, and no failure is retried any more. */
  readonly signal?: AbortSignal;
}

/** @throws the error of the last call */
export async function retryWithBackoff<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { backoff, retriesMax = Infinity, retryForMs = Infinity, signal } = options;
  const startedAt = performance.now();
  const isStopped = (): boolean => signal?.aborted === true;
  for (let retries = 0; ; retries += 1) {
    const isLast = isStopped() || retries >= retriesMax;
    try {
      return await work();
    } catch (error) {
      if (isLast || isStopped() || performance.now() - startedAt > retryForMs) throw error;
    }
    await pause(backoffMs(backoff, retries), signal);
  }
}

/** Retries of a storage call that a client waits for: long enough for a short interruption, short enough for the client. */
export const STORAGE_RETRY: RetryOptions = {
  backoff: { firstMs: 50, factor: 4, maxMs: 1000 },
  retriesMax: 3,
  retryForMs: 30_000,
};

/** Asks a dependency for its state, takes the time, and gives up on one that hangs. */

/** ms: well below the patience of the orchestrators that ask (10 s and more). */
const PROBE_TIMEOUT_MS = 3000;

export type ProbeResult<T> =
  | { readonly failed: false; readonly value: T; readonly latencyMs: number }
  | { readonly failed: true; readonly value: undefined; readonly error: unknown; readonly latencyMs: number };

export async function probe<T>(ask: () => Promise<T>): Promise<ProbeResult<T>> {
  const since = performance.now();
  const latencyMs = (): number => Math.round((performance.now() - since) * 100) / 100;
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('no answer'));
    }, PROBE_TIMEOUT_MS);
  });
  try {
    const value = await Promise.race([ask(), patience]);
    return { failed: false, value, latencyMs: latencyMs() };
  } catch (error) {
    return { failed: true, value: undefined, error, latencyMs: latencyMs() };
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds. Well below the probe timeouts of orchestrators (10 s and more). */
const PROBE_TIMEOUT_MS = 3000;

export type ProbeResult<T> =
  | { readonly failed: false; readonly value: T; readonly latencyMs: number }
  | { readonly failed: true; readonly value: undefined; readonly error: unknown; readonly latencyMs: number };

/** Calls a dependency and measures the time. A call that takes longer than 3 s fails. Never throws. */
export async function probe<T>(call: () => Promise<T>): Promise<ProbeResult<T>> {
  const startedAt = performance.now();
  const latencyMs = (): number => Math.round((performance.now() - startedAt) * 100) / 100;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('The dependency did not respond in time'));
    }, PROBE_TIMEOUT_MS);
  });
  try {
    const value = await Promise.race([call(), timeout]);
    return { failed: false, value, latencyMs: latencyMs() };
  } catch (error) {
    return { failed: true, value: undefined, error, latencyMs: latencyMs() };
  } finally {
    clearTimeout(timer);
  }
}

const SLICE_MS = 2000;

/**
 * Measures how often each of `works` completes with `callers` concurrent callers. Each caller starts the next call when one
 * has completed. The works alternate in slices, so that other load on the machine affects all of them.
 * @returns completions per second, by name
 */
export async function measureRates(slices, callers, works) {
  const totals = Object.fromEntries(Object.keys(works).map((name) => [name, { count: 0, ms: 0 }]));
  for (let slice = 0; slice < slices; slice += 1) {
    for (const [name, work] of Object.entries(works)) {
      const startedAt = performance.now();
      const caller = async () => {
        while (performance.now() - startedAt < SLICE_MS) {
          await work();
          totals[name].count += 1;
        }
      };
      await Promise.all(Array.from({ length: callers }, caller));
      totals[name].ms += performance.now() - startedAt;
    }
  }
  return Object.fromEntries(
    Object.entries(totals).map(([name, { count, ms }]) => [name, (count * 1000) / ms]),
  );
}

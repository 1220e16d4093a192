// How many a second, with so many callers, each of which begins the next as soon as one has ended.
const SLICE_MS = 2000;

/** Takes turns slice by slice, so that a noisy moment meets all. @returns per second, by name */
export async function perSecond(slices, callers, works) {
  const totals = Object.fromEntries(Object.keys(works).map((name) => [name, { count: 0, ms: 0 }]));
  for (let slice = 0; slice < slices; slice += 1) {
    for (const [name, work] of Object.entries(works)) {
      const begun = performance.now();
      const caller = async () => {
        while (performance.now() - begun < SLICE_MS) {
          await work();
          totals[name].count += 1;
        }
      };
      await Promise.all(Array.from({ length: callers }, caller));
      totals[name].ms += performance.now() - begun;
    }
  }
  return Object.fromEntries(
    Object.entries(totals).map(([name, { count, ms }]) => [name, (count * 1000) / ms]),
  );
}

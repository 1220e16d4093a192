/** How fast the service answers others while programs do their worst: a figure of the process that serves, and of its host. */
import { bothWays } from './support/both-ways';
import { healthWhileNasty } from './support/health-under-load';

const P99_MS = 100;

bothWays({}, (gateway) => {
  it('health is answered within 100 ms at the 99th percentile while nasty programs run', async () => {
    const { failures, p99 } = await healthWhileNasty(gateway().api);
    expect(failures).toBe(0);
    expect(p99).toBeLessThan(P99_MS);
  });
});

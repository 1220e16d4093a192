/** The service answers others while programs do their worst, and is in order afterwards. */
import { bothWays } from './support/both-ways';
import { healthWhileNasty } from './support/health-under-load';
import { measureLatency } from './support/poll-health';

bothWays({}, (gateway) => {
  it('health is always answered while nasty programs run', async () => {
    expect((await healthWhileNasty(gateway().api)).failures).toBe(0);
  });

  // What decides about the name of a file must not take long over code that is made to take long.
  it.each([
    ['comments that do not end', '/*a'],
    ['quotes that do not end', '\\"'],
    ['empty lines', '\n'],
    ['words before a main', 'static '],
  ])('%s in a mebibyte of Java do not hold up others', async (_what, unit) => {
    const { api } = gateway();
    const code = `class A { ${unit.repeat(1_000_000 / unit.length)}`;
    const execution = api.run('java', code);
    // One that takes its square takes minutes, in which nobody is answered: the time limit of the test is enough.
    const { failures } = await measureLatency(`${api.url}/api/health/live`, 100);
    expect(failures).toBe(0);
    expect(await execution).toMatchObject({ status: 'FAILED', verdict: 'COMPILE_ERROR' });
  });
});

import { describeEachDeployment } from './support/each-deployment';
import { expectHealthyWhileProgramsMisbehave } from './support/health-under-load';
import { pollHealthDuring } from './support/poll-health';

describeEachDeployment({}, (gateway) => {
  it('responds to every health request while programs misbehave, and runs the next program afterwards', async () => {
    await expectHealthyWhileProgramsMisbehave(gateway().api);
  }, 120_000);

  // The class name, and with it the file name, is found in the source: this must take linear time. Quadratic time would
  // block the gateway for minutes, beyond the timeout of the test.
  it.each([
    ['unterminated comments', '/*a'],
    ['unterminated quotes', '\\"'],
    ['empty lines', '\n'],
    ['modifiers before a method', 'static '],
  ])('responds to other clients while it reads a mebibyte of Java with %s', async (_what, unit) => {
    const { api } = gateway();
    const code = `class A { ${unit.repeat(1_000_000 / unit.length)}`;
    const execution = api.run('java', code);
    expect(new Set(await pollHealthDuring(api, execution))).toEqual(new Set([200]));
    expect(await execution).toMatchObject({ status: 'FAILED', verdict: 'COMPILE_ERROR' });
  });
});

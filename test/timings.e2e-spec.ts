import { describeEachDeployment } from './support/each-deployment';
import { createMarker } from './support/leftovers';

describeEachDeployment({}, (gateway) => {
  it('reports that the second execution used the cached compilation', async () => {
    const { api } = gateway();
    const code = `#include <stdio.h>\nint main(void) { puts("${createMarker()}"); return 0; }`;
    const first = await api.run('c', code);
    const second = await api.run('c', code);
    expect(first.timings).toMatchObject({ compile_cached: false, compile_ms: expect.any(Number) as number });
    expect(first.timings).not.toMatchObject({ compile_ms: 0 });
    expect(second.timings).toMatchObject({ compile_cached: true, compile_ms: 0 });
    expect(second.compile).toEqual(first.compile);
    expect(second.stdout).toBe(first.stdout);
  });

  it('reports how the sandbox was prepared', async () => {
    const { timings } = await gateway().api.run('bash', 'echo hello');
    expect(timings).toMatchObject({ sandbox: expect.stringMatching(/^(warm|prepared|cold)$/) as string });
  });

  it('reports no sandbox for a program that never ran', async () => {
    const { timings } = await gateway().api.run('c', 'int main(void) { return }');
    expect(timings).toMatchObject({ sandbox: null, compile_cached: false });
  });
});

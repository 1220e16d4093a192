/** Fork bombs, with so few processes that neither their memory nor the share of CPU time of the first one ends them. */
import { describeEachDeployment } from './support/each-deployment';
import { runWithoutLeftovers } from './support/leftovers';
import { FORK_BOMB, ORPHANED_FORK_BOMB } from './support/misbehaving-programs';

const SHORT = { timeout: 400 };
const STOPPED = { exit_code: null, signal: 'SIGKILL' };

describeEachDeployment({ ENGINE_PROCESSES_MAX: '64' }, (gateway) => {
  it.each(FORK_BOMB)('a fork bomb in %s is stopped', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code, SHORT);
    expect(job).toMatchObject({ ...STOPPED, stdout: expect.stringMatching(/^begun\n/) as string });
    // Each fork that is refused has cost the kernel a stack already, which it frees later, and a control group pays for it
    // meanwhile: on a busy machine the memory may be used up before the time.
    expect(['TIME_LIMIT', 'MEMORY_LIMIT']).toContain(job.verdict);
  });

  it.each(ORPHANED_FORK_BOMB)('a fork bomb in %s ends with its first process', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code);
    expect(job).toMatchObject({ status: 'SUCCESS', verdict: 'OK', exit_code: 0, signal: null });
    expect(job.stdout).toBe('begun\n');
  });
});

import { describeEachDeployment } from './support/each-deployment';
import { runWithoutLeftovers } from './support/leftovers';
import { FORK_BOMB, ORPHANED_FORK_BOMB } from './support/misbehaving-programs';

/** Long enough for the program to print its first line on a busy machine. */
const SHORT_TIMEOUT = { timeout: 1000 };
const STOPPED = { exit_code: null, signal: 'SIGKILL' };

// So few processes that a fork bomb reaches the time limit rather than the memory limit.
describeEachDeployment({ ENGINE_PROCESSES_MAX: '64' }, (gateway) => {
  it.each(FORK_BOMB)('stops a fork bomb in %s', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code, SHORT_TIMEOUT);
    expect(job).toMatchObject({ ...STOPPED, stdout: expect.stringMatching(/^started\n/) as string });
    // The kernel allocates a stack for each rejected fork and frees it later; until then it is charged to the cgroup. On a
    // busy machine the memory limit may be reached before the time limit.
    expect(['TIME_LIMIT', 'MEMORY_LIMIT']).toContain(job.verdict);
  });

  it.each(ORPHANED_FORK_BOMB)(
    'ends a fork bomb in %s when its first process exits',
    async (language, code) => {
      const job = await runWithoutLeftovers(gateway().api, language, code);
      expect(job).toMatchObject({ status: 'SUCCESS', verdict: 'OK', exit_code: 0, signal: null });
      expect(job.stdout).toBe('started\n');
    },
  );
});

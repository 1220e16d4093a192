/** Fork bombs, with so few processes that neither their memory nor the share of CPU time of the first one ends them. */
import { bothWays } from './support/both-ways';
import { runClean } from './support/left-over';
import { FORK_BOMB, FORK_BOMB_LEFT } from './support/programs';

const SHORT = { timeout: 400 };
const TIMED_OUT = { status: 'TIMEOUT', verdict: 'TIME_LIMIT', exit_code: null, signal: 'SIGKILL' };

bothWays({ ENGINE_PROCESSES_MAX: '64' }, (gateway) => {
  it.each(FORK_BOMB)('a fork bomb in %s is stopped', async (language, code) => {
    const job = await runClean(gateway().api, language, code, SHORT);
    expect(job).toMatchObject({ ...TIMED_OUT, stdout: expect.stringMatching(/^begun\n/) as string });
  });

  it.each(FORK_BOMB_LEFT)('a fork bomb in %s ends with its first process', async (language, code) => {
    const job = await runClean(gateway().api, language, code);
    expect(job).toMatchObject({ status: 'SUCCESS', verdict: 'OK', exit_code: 0, signal: null });
    expect(job.stdout).toBe('begun\n');
  });
});

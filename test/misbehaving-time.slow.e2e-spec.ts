import { describeEachDeployment } from './support/each-deployment';
import { runWithoutLeftovers } from './support/leftovers';
import { CHILD_OUTLIVES_PARENT, ENDLESS_LOOP, SLEEP } from './support/misbehaving-programs';

/** Long enough for the program to print its first line on a busy machine. */
const SHORT_TIMEOUT = { timeout: 1000 };
const TIMED_OUT = { status: 'TIMEOUT', verdict: 'TIME_LIMIT', exit_code: null, signal: 'SIGKILL' };

describeEachDeployment({}, (gateway) => {
  it.each(ENDLESS_LOOP)('stops an endless loop in %s, and keeps its output', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code, SHORT_TIMEOUT);
    expect(job).toMatchObject({ ...TIMED_OUT, stdout: 'started\n', stderr: '', stdout_truncated: false });
  });

  it.each(SLEEP)('stops a %s program that sleeps, and keeps its output', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code, SHORT_TIMEOUT);
    expect(job).toMatchObject({ ...TIMED_OUT, stdout: 'started\n', stderr: '' });
  });

  it.each(CHILD_OUTLIVES_PARENT)(
    'ends a child process in %s that would outlive its parent',
    async (language, code) => {
      const job = await runWithoutLeftovers(gateway().api, language, code, { timeout: 20_000 });
      expect(job).toMatchObject({
        status: 'SUCCESS',
        verdict: 'OK',
        exit_code: 0,
        stdout: 'parent\n',
        stderr: '',
      });
    },
  );

  it.each([
    // The parent waits for the end of a pipe that the orphan holds, so that one orphan runs at a time.
    ['bash', 'for i in {1..300}; do ended=$(true &); done; echo done'],
    [
      'python',
      'import os\nfor i in range(300):\n  r, w = os.pipe()\n  if (pid := os.fork()) == 0:\n    os.fork() and os._exit(0)\n    os._exit(0)\n  os.close(w)\n  os.waitpid(pid, 0)\n  os.read(r, 1)\n  os.close(r)\nprint("done")',
    ],
  ])(
    'does not mistake many short orphans in %s, one after the other, for a fork bomb',
    async (language, code) => {
      const job = await runWithoutLeftovers(gateway().api, language, code, { timeout: 20_000 });
      expect(job).toMatchObject({ verdict: 'OK', stdout: 'done\n', stderr: '' });
    },
  );
});

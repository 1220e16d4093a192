import { describeEachDeployment } from './support/each-deployment';
import { runWithoutLeftovers } from './support/leftovers';
import { readLogs } from './support/read-logs';

const PREVIEW_BYTES = 64 * 1024;
const LIMIT_BYTES = 200_000;

describeEachDeployment({ ENGINE_OUTPUT_MAX_BYTES: LIMIT_BYTES.toString() }, (gateway) => {
  // The character has three bytes, so neither the preview nor the limit ends between characters.
  it.each([
    ['python', 'while True: print("€" * 1000, end="")'],
    ['javascript', 'for (;;) require("fs").writeSync(1, "€".repeat(1000))'],
    ['c', '#include <stdio.h>\nint main(void) { for (;;) fputs("€", stdout); }'],
    ['bash', 'while :; do printf "€€€€€€€€€€"; done'],
  ])('stops endless output of %s at the limit, and keeps the output up to it', async (language, code) => {
    const { api } = gateway();
    const job = await runWithoutLeftovers(api, language, code, { timeout: 20_000 });
    expect(job).toMatchObject({
      status: 'FAILED',
      verdict: 'OUTPUT_LIMIT',
      exit_code: null,
      signal: 'SIGKILL',
      stdout_truncated: true,
      stderr: '',
      stderr_bytes: 0,
      stderr_truncated: false,
    });
    expect(job.stdout).toBe('€'.repeat(Math.floor(PREVIEW_BYTES / 3)));
    expect(job.stdout_bytes).toBeGreaterThan(LIMIT_BYTES);
    expect(await readLogs(api, job)).toBe('€'.repeat(Math.floor(LIMIT_BYTES / 3)));
  });

  it.each([
    ['python', 'import sys\nwhile True: print("o" * 99); print("e" * 99, file=sys.stderr)'],
    ['bash', 'while :; do echo oooooooooo; echo eeeeeeeeee >&2; done'],
  ])('applies the limit to both streams of %s together', async (language, code) => {
    const { api } = gateway();
    const job = await runWithoutLeftovers(api, language, code, { timeout: 20_000 });
    expect(job).toMatchObject({ status: 'FAILED', verdict: 'OUTPUT_LIMIT' });
    expect((job.stdout_bytes ?? 0) + (job.stderr_bytes ?? 0)).toBeGreaterThan(LIMIT_BYTES);
    expect(await readLogs(api, job)).toHaveLength(LIMIT_BYTES);
    expect(await readLogs(api, job, '?stream=stdout')).toMatch(/^[o\n]+$/);
    expect(await readLogs(api, job, '?stream=stderr')).toMatch(/^[e\n]+$/);
  });

  it.each([
    ['python', `import os\nos.write(1, b"x" * ${LIMIT_BYTES.toString()})`],
    ['perl', `print "x" x ${LIMIT_BYTES.toString()}`],
  ])('accepts output of %s that is as long as the limit', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code);
    expect(job).toMatchObject({ status: 'SUCCESS', verdict: 'OK', stdout_bytes: LIMIT_BYTES });
    expect(await readLogs(gateway().api, job)).toHaveLength(LIMIT_BYTES);
  });
});

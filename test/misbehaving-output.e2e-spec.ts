/** What programs write: more than a preview shows, not UTF-8, half a character, or nothing because they closed it. */
import { describeEachDeployment } from './support/each-deployment';
import { runWithoutLeftovers } from './support/leftovers';
import { readLogs } from './support/read-logs';

const PREVIEW_BYTES = 64 * 1024;

describeEachDeployment({}, (gateway) => {
  it.each([
    ['python', 'print("aa" + "€" * 30000, end="")'],
    ['javascript', 'process.stdout.write("aa" + "€".repeat(30000))'],
  ])(
    'truncates the output preview of %s between characters, and keeps the whole output in the logs',
    async (language, code) => {
      const { api } = gateway();
      const job = await runWithoutLeftovers(api, language, code, { timeout: 20_000 });
      expect(job).toMatchObject({
        status: 'SUCCESS',
        verdict: 'OK',
        stdout_bytes: 90_002,
        stdout_truncated: true,
      });
      expect(job.stdout).toBe(`aa${'€'.repeat(21_844)}`);
      expect(await readLogs(api, job)).toBe(`aa${'€'.repeat(30_000)}`);
    },
  );

  it.each([
    ['python', `print("x" * ${PREVIEW_BYTES.toString()}, end="")`],
    ['perl', `print "x" x ${PREVIEW_BYTES.toString()}`],
  ])('does not truncate output of %s that is as long as the preview', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code);
    expect(job).toMatchObject({ verdict: 'OK', stdout_bytes: PREVIEW_BYTES, stdout_truncated: false });
    expect(job.stdout).toHaveLength(PREVIEW_BYTES);
  });

  it.each([
    ['python', 'import sys\nsys.stdout.buffer.write(b"a\\xff\\xfe\\x00b\\n")'],
    ['bash', String.raw`printf 'a\xff\xfe\x00b\n'`],
    ['javascript', 'process.stdout.write(Buffer.from([0x61, 0xff, 0xfe, 0, 0x62, 0x0a]))'],
  ])('replaces bytes of %s that are not UTF-8 by U+FFFD', async (language, code) => {
    const { api } = gateway();
    const job = await runWithoutLeftovers(api, language, code);
    expect(job).toMatchObject({
      status: 'SUCCESS',
      verdict: 'OK',
      stdout: 'a\ufffd\ufffd\0b\n',
      stdout_bytes: 6,
    });
    expect(await readLogs(api, job)).toBe('a\ufffd\ufffd\0b\n');
  });

  it.each([
    ['python', 'import sys\nsys.stdout.buffer.write(b"a\\xe2\\x82")'],
    ['bash', String.raw`printf 'a\xe2\x82'`],
  ])('replaces an incomplete character at the end of the output of %s by U+FFFD', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code);
    expect(job).toMatchObject({ verdict: 'OK', stdout: 'a\ufffd', stdout_bytes: 3, stdout_truncated: false });
  });

  it.each([
    [
      'python',
      'import os, time\nfor b in "€".encode(): os.write(1, bytes([b])); os.write(2, b"."); time.sleep(0.03)',
    ],
    ['bash', String.raw`for b in e2 82 ac; do printf "\x$b"; printf . >&2; sleep 0.03; done`],
  ])('decodes a character that %s writes byte by byte', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code);
    expect(job).toMatchObject({ verdict: 'OK', stdout: '€', stdout_bytes: 3, stderr: '...' });
  });

  it.each([
    ['python', 'import os, sys\nprint("before")\nos.close(1)\nprint("after", file=sys.stderr)\nos._exit(3)'],
    ['bash', 'echo before; exec 1>&-; echo after >&2; exit 3'],
    [
      'c',
      '#include <stdio.h>\n#include <unistd.h>\nint main(void) { puts("before"); fflush(stdout); close(1); fputs("after\\n", stderr); return 3; }',
    ],
  ])('lets a %s program that closes stdout run to its end', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code);
    expect(job).toMatchObject({
      verdict: 'NONZERO_EXIT',
      exit_code: 3,
      stdout: 'before\n',
      stderr: 'after\n',
    });
  });

  it.each([
    ['python', 'import os, time\nos.close(0); os.close(1); os.close(2)\ntime.sleep(MARKER)'],
    ['bash', 'exec 0<&- 1>&- 2>&-; sleep MARKER'],
  ])('stops a %s program that closes all streams and sleeps', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code, { timeout: 300 });
    expect(job).toMatchObject({ status: 'TIMEOUT', verdict: 'TIME_LIMIT', stdout: '', stderr: '' });
  });
});

/** What holds for the memory and the CPU time of programs, however they are counted. */
import type { Overrides } from './applications';
import { describeEachDeployment } from './each-deployment';
import { runWithoutLeftovers } from './leftovers';

const SHORT = { timeout: 15_000 };
const MIB = '1024 * 1024';

/** A gigabyte that is written to, not only reserved. */
const GIGABYTE = [
  ['python', `print("begun")\nx = bytearray(b"x") * (1024 * ${MIB})\nprint("never")`],
  [
    'javascript',
    `console.log("begun"); const x = []; for (let i = 0; i < 1024; i++) x.push(Buffer.alloc(${MIB}, 1)); console.log("never")`,
  ],
  [
    'c',
    `#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint main(void) { puts("begun"); fflush(stdout); for (int i = 0; i < 1024; i++) memset(malloc(${MIB}), i + 1, ${MIB}); puts("never"); return 0; }`,
  ],
  [
    'java',
    `public class Main { public static void main(String[] a) { System.out.println("begun"); byte[][] x = new byte[1024][]; for (int i = 0; i < 1024; i++) x[i] = new byte[${MIB}]; System.out.println("never"); } }`,
  ],
] as const;

/** Many processes, none of which is large: it is their sum that counts. */
const SPREAD = [
  [
    'python',
    `import os, time\nprint("begun")\nfor i in range(40):\n  if os.fork() == 0:\n    x = bytearray(b"x") * (16 * ${MIB})\n    time.sleep(MARKER)\nos.wait()\nprint("never")`,
  ],
  [
    'perl',
    `$| = 1; print "begun\\n"; for (1..40) { if (fork == 0) { my $x = "x" x (16 * ${MIB}); sleep 9999 } } wait; print "never\\n"`,
  ],
] as const;

/** A hundred megabytes, in the program or in a child of it. */
const HUNDRED = [
  ['python', `x = bytearray(b"x") * (100 * ${MIB})\nimport time\ntime.sleep(0.1)`],
  ['javascript', `const x = Buffer.alloc(100 * ${MIB}, 1); setTimeout(() => x.length, 100)`],
  ['bash', `python3 -c 'x = bytearray(b"x") * (100 * ${MIB}); import time; time.sleep(0.1)'; true`],
  [
    'c',
    `#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\nint main(void) { char *p = malloc(100 * ${MIB}); memset(p, 1, 100 * ${MIB}); usleep(100000); return p[4096] - 1; }`,
  ],
] as const;

/** Until it has used 300 ms of CPU time itself. */
const BUSY = [
  ['python', 'import time\nwhile time.process_time() < 0.3: pass'],
  ['c', '#include <time.h>\nint main(void) { while (clock() < 0.3 * CLOCKS_PER_SEC); return 0; }'],
  ['bash', `python3 -c 'import time\nwhile time.process_time() < 0.3: pass'; true`],
] as const;

/**
 * @param overrides settings besides those that every test has; ENGINE_MEMORY_MB stays the default, 256
 * @param named what `accounting` says
 */
export function memoryTests(overrides: Overrides, named: RegExp): void {
  describeEachDeployment(overrides, (gateway) => {
    it.each(GIGABYTE)('a gigabyte in %s reaches the memory limit', async (language, code) => {
      const job = await runWithoutLeftovers(gateway().api, language, code, SHORT);
      expect(job).toMatchObject({ status: 'FAILED', verdict: 'MEMORY_LIMIT' });
      // The JVM says more.
      expect(job.stdout).toMatch(language === 'java' ? /^begun\nTerminating due to / : /^begun\n$/);
    });

    it.each(SPREAD)('processes of %s together reach the memory limit', async (language, code) => {
      const job = await runWithoutLeftovers(gateway().api, language, code, SHORT);
      expect(job).toMatchObject({ status: 'FAILED', verdict: 'MEMORY_LIMIT' });
    });

    it.each(HUNDRED)('a hundred megabytes in %s are counted', async (language, code) => {
      const { verdict, resource } = await runWithoutLeftovers(gateway().api, language, code, SHORT);
      expect(verdict).toBe('OK');
      expect(resource?.['memory_mb']).toBeGreaterThan(90);
      expect(resource?.['memory_mb']).toBeLessThan(200);
      expect(resource?.['accounting']).toMatch(named);
    });

    it.each(BUSY)('the CPU time of a busy loop in %s is near its wall time', async (language, code) => {
      const { verdict, resource } = await runWithoutLeftovers(gateway().api, language, code, SHORT);
      const [cpu, wall] = [Number(resource?.['cpu_time_ms']), Number(resource?.['execution_time_ms'])];
      expect(verdict).toBe('OK');
      // An interpreter that stood ready has used some of it before there was a program.
      expect(cpu).toBeGreaterThan(250);
      expect(cpu).toBeLessThan(wall * 1.2);
      expect(resource?.['cpu_percent']).toBeCloseTo((cpu / wall) * 100, 0);
    });

    it.each([
      ['python', 'import time\ntime.sleep(0.3)'],
      ['bash', 'sleep 0.3'],
    ])('sleeping in %s takes no CPU time', async (language, code) => {
      const { resource } = await runWithoutLeftovers(gateway().api, language, code, SHORT);
      expect(resource?.['execution_time_ms']).toBeGreaterThan(300);
      expect(resource?.['cpu_time_ms']).toBeLessThan(150);
    });
  });
}

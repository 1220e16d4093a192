import type { Overrides } from './applications';
import { describeEachDeployment } from './each-deployment';
import { runWithoutLeftovers } from './leftovers';

const SHORT = { timeout: 15_000 };
const MIB = '1024 * 1024';

/** They write to a gigabyte: memory that is only reserved does not count. */
const GIGABYTE = [
  ['python', `print("started")\nx = bytearray(b"x") * (1024 * ${MIB})\nprint("never")`],
  [
    'javascript',
    `console.log("started"); const x = []; for (let i = 0; i < 1024; i++) x.push(Buffer.alloc(${MIB}, 1)); console.log("never")`,
  ],
  [
    'c',
    `#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint main(void) { puts("started"); fflush(stdout); for (int i = 0; i < 1024; i++) memset(malloc(${MIB}), i + 1, ${MIB}); puts("never"); return 0; }`,
  ],
  [
    'java',
    `public class Main { public static void main(String[] a) { System.out.println("started"); byte[][] x = new byte[1024][]; for (int i = 0; i < 1024; i++) x[i] = new byte[${MIB}]; System.out.println("never"); } }`,
  ],
] as const;

/** Many small processes: the limit applies to their sum. */
const MANY_PROCESSES = [
  [
    'python',
    `import os, time\nprint("started")\nfor i in range(40):\n  if os.fork() == 0:\n    x = bytearray(b"x") * (16 * ${MIB})\n    time.sleep(MARKER)\nos.wait()\nprint("never")`,
  ],
  [
    'perl',
    `$| = 1; print "started\\n"; for (1..40) { if (fork == 0) { my $x = "x" x (16 * ${MIB}); sleep 9999 } } wait; print "never\\n"`,
  ],
] as const;

/** A hundred megabytes, in the program or in a child process. */
const HUNDRED = [
  ['python', `x = bytearray(b"x") * (100 * ${MIB})\nimport time\ntime.sleep(0.1)`],
  ['javascript', `const x = Buffer.alloc(100 * ${MIB}, 1); setTimeout(() => x.length, 100)`],
  ['bash', `python3 -c 'x = bytearray(b"x") * (100 * ${MIB}); import time; time.sleep(0.1)'; true`],
  [
    'c',
    `#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\nint main(void) { char *p = malloc(100 * ${MIB}); memset(p, 1, 100 * ${MIB}); usleep(100000); return p[4096] - 1; }`,
  ],
] as const;

/** Busy until the process has used 300 ms of CPU time. */
const BUSY = [
  ['python', 'import time\nwhile time.process_time() < 0.3: pass'],
  ['c', '#include <time.h>\nint main(void) { while (clock() < 0.3 * CLOCKS_PER_SEC); return 0; }'],
  ['bash', `python3 -c 'import time\nwhile time.process_time() < 0.3: pass'; true`],
] as const;

/**
 * @param overrides additional settings; ENGINE_MEMORY_MB stays the default, 256
 * @param accounting expected value of the `accounting` field
 */
export function memoryTests(overrides: Overrides, accounting: RegExp): void {
  describeEachDeployment(overrides, (gateway) => {
    it.each(GIGABYTE)(
      'a %s program that uses a gigabyte reaches the memory limit',
      async (language, code) => {
        const job = await runWithoutLeftovers(gateway().api, language, code, SHORT);
        expect(job).toMatchObject({ status: 'FAILED', verdict: 'MEMORY_LIMIT' });
        // The JVM prints a message of its own.
        expect(job.stdout).toMatch(language === 'java' ? /^started\nTerminating due to / : /^started\n$/);
      },
    );

    it.each(MANY_PROCESSES)('many %s processes reach the memory limit together', async (language, code) => {
      const job = await runWithoutLeftovers(gateway().api, language, code, SHORT);
      expect(job).toMatchObject({ status: 'FAILED', verdict: 'MEMORY_LIMIT' });
    });

    it.each(HUNDRED)('reports a hundred megabytes used by %s', async (language, code) => {
      const { verdict, resource } = await runWithoutLeftovers(gateway().api, language, code, SHORT);
      expect(verdict).toBe('OK');
      expect(resource?.['memory_mb']).toBeGreaterThan(90);
      expect(resource?.['memory_mb']).toBeLessThan(200);
      expect(resource?.['accounting']).toMatch(accounting);
    });

    it.each(BUSY)(
      'reports a CPU time close to the wall time for a busy loop in %s',
      async (language, code) => {
        const { verdict, resource } = await runWithoutLeftovers(gateway().api, language, code, SHORT);
        const [cpu, wall] = [Number(resource?.['cpu_time_ms']), Number(resource?.['execution_time_ms'])];
        expect(verdict).toBe('OK');
        // A preloaded interpreter has used some of its CPU time before the program started.
        expect(cpu).toBeGreaterThan(250);
        expect(cpu).toBeLessThan(wall * 1.2);
        expect(resource?.['cpu_percent']).toBeCloseTo((cpu / wall) * 100, 0);
      },
    );

    it.each([
      ['python', 'import time\ntime.sleep(1)'],
      ['bash', 'sleep 1'],
    ])('reports little CPU time for a %s program that sleeps', async (language, code) => {
      const { resource } = await runWithoutLeftovers(gateway().api, language, code, SHORT);
      const [cpu, wall] = [Number(resource?.['cpu_time_ms']), Number(resource?.['execution_time_ms'])];
      expect(wall).toBeGreaterThan(1000);
      expect(cpu).toBeLessThan(wall / 2);
    });
  });
}

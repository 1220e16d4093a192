/** Programs that take more memory than they may, and the figures of those that do not. */
import { bothWays } from './support/both-ways';
import { runClean } from './support/left-over';

const SHORT = { timeout: 15_000 };
const MIB = '1024 * 1024';
const SMALL_BYTES = '1200000';

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

/** Smaller than the supervisor, each: the kernel would choose that one if it could. */
const SMALL = [
  [
    'c',
    `#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\nint main(void) { FILE *f = fopen("/proc/self/oom_score_adj", "w"); fputs("0", f); fclose(f);\nfor (int i = 0; i < 100; i++) if (fork() == 0) { volatile char *p = malloc(${SMALL_BYTES}); for (int k = 0; k < ${SMALL_BYTES}; k += 4096) p[k] = 1; sleep(999); }\nsleep(999); return 0; }`,
  ],
  [
    'perl',
    `open F, ">", "/proc/self/oom_score_adj"; print F "0"; close F; for (1..100) { if (fork == 0) { my $x = "x" x ${SMALL_BYTES}; sleep 999 } } sleep 999`,
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

describe.each([
  ['the best accounting', 'auto', /^(cgroup-v1|cgroup-v2|rusage)$/],
  ['the accounting of last resort', 'rusage', /^rusage$/],
])('with %s', (_name, ENGINE_ACCOUNTING, named) => {
  bothWays({ ENGINE_ACCOUNTING, ENGINE_MEMORY_MB: '256', ENGINE_PROCESSES_MAX: '64' }, (gateway) => {
    it.each(GIGABYTE)('a gigabyte in %s reaches the memory limit', async (language, code) => {
      const job = await runClean(gateway().api, language, code, SHORT);
      expect(job).toMatchObject({ status: 'FAILED', verdict: 'MEMORY_LIMIT' });
      // The JVM says more.
      expect(job.stdout).toMatch(language === 'java' ? /^begun\nTerminating due to / : /^begun\n$/);
    });

    it.each(SPREAD)('processes of %s together reach the memory limit', async (language, code) => {
      const job = await runClean(gateway().api, language, code, SHORT);
      expect(job).toMatchObject({ status: 'FAILED', verdict: 'MEMORY_LIMIT' });
    });

    it.each(HUNDRED)('a hundred megabytes in %s are counted', async (language, code) => {
      const { verdict, resource } = await runClean(gateway().api, language, code, SHORT);
      expect(verdict).toBe('OK');
      expect(resource?.['memory_mb']).toBeGreaterThan(90);
      expect(resource?.['memory_mb']).toBeLessThan(200);
      expect(resource?.['accounting']).toMatch(named);
    });

    it.each(BUSY)('the CPU time of a busy loop in %s is near its wall time', async (language, code) => {
      const { verdict, resource } = await runClean(gateway().api, language, code, SHORT);
      const [cpu, wall] = [Number(resource?.['cpu_time_ms']), Number(resource?.['execution_time_ms'])];
      expect(verdict).toBe('OK');
      expect(cpu).toBeGreaterThan(290);
      expect(cpu).toBeLessThan(wall * 1.2);
      expect(resource?.['cpu_percent']).toBeCloseTo((cpu / wall) * 100, 0);
    });

    it.each([
      ['python', 'import time\ntime.sleep(0.3)'],
      ['bash', 'sleep 0.3'],
    ])('sleeping in %s takes no CPU time', async (language, code) => {
      const { resource } = await runClean(gateway().api, language, code, SHORT);
      expect(resource?.['execution_time_ms']).toBeGreaterThan(300);
      expect(resource?.['cpu_time_ms']).toBeLessThan(150);
    });
  });
});

bothWays({ ENGINE_MEMORY_MB: '64', ENGINE_PROCESSES_MAX: '110' }, (gateway) => {
  it.each(SMALL)(
    'many small processes of %s reach the memory limit, and are no fault of the engine',
    async (language, code) => {
      const job = await runClean(gateway().api, language, code, SHORT);
      expect(job).toMatchObject({ status: 'FAILED', verdict: 'MEMORY_LIMIT' });
    },
  );
});

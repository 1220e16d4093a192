import { describeEachDeployment } from './support/each-deployment';
import { runWithoutLeftovers } from './support/leftovers';
import { memoryTests } from './support/memory-tests';

const SMALL_BYTES = '1200000';

/** Each process is smaller than the supervisor, which the OOM killer would choose if it could. */
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

memoryTests({ ENGINE_ACCOUNTING: 'rusage', ENGINE_PROCESSES_MAX: '64' }, /^rusage$/);

describeEachDeployment({ ENGINE_MEMORY_MB: '64', ENGINE_PROCESSES_MAX: '110' }, (gateway) => {
  it.each(SMALL)(
    'many small %s processes reach the memory limit, which is not an engine error',
    async (language, code) => {
      const job = await runWithoutLeftovers(gateway().api, language, code, { timeout: 15_000 });
      expect(job).toMatchObject({ status: 'FAILED', verdict: 'MEMORY_LIMIT' });
    },
  );
});

import { type EscapeProgram, PYTHON, TIME_LIMIT, cMain } from './escape-program';
import { testEscapePrograms } from './escape-tests';

const SHORT = 400;
const STOPPED = { ...TIME_LIMIT, stdout: 'started\n' };

const KERNEL_LOADS: readonly EscapeProgram[] = [
  {
    name: 'a flood of system calls leaves others their share',
    language: 'c',
    code: cMain(
      'SAY("started"); for (int i = 0; i < 8; i++) if (fork() == 0) for (;;) sched_yield(); for (;;) syscall(SYS_getpid);',
    ),
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'a flood of page faults leaves others their share',
    language: 'c',
    code: cMain(
      'SAY("started"); fork(); fork(); for (;;) { char *p = mmap(0, 8 << 20, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); memset(p, 1, 8 << 20); munmap(p, 8 << 20); }',
    ),
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'a flood of messages between two processes leaves others their share',
    language: 'perl',
    code: '$| = 1; print "started\\n"; pipe my $a, my $b; pipe my $c, my $d; if (fork == 0) { while (sysread $a, my $x, 1) { syswrite $d, $x } } while (1) { syswrite $b, "x"; sysread $c, my $x, 1 }',
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'a flood of sync calls leaves others their share',
    language: 'python',
    code: `${PYTHON}
print('started', flush=True)
while True:
  os.sync()
  f = os.open('/work/f', os.O_RDWR | os.O_CREAT)
  os.write(f, b'x' * 65536); os.fsync(f); os.close(f)`,
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'reading endless random bytes and zeros leaves others their share',
    language: 'bash',
    code: 'echo started; for i in 1 2 3 4; do cat /dev/urandom > /dev/null & cat /dev/zero > /dev/null & done; sleep MARKER',
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'starting programs endlessly leaves others their share',
    language: 'javascript',
    code: 'console.log("started"); const { spawnSync } = require("child_process"); for (;;) spawnSync("/bin/true")',
    timeout: 800,
    expected: STOPPED,
  },
  {
    name: 'looking up missing file names endlessly leaves others their share and their memory',
    language: 'c',
    code: cMain(
      'SAY("started"); char name[64]; for (long i = 0;; i++) { snprintf(name, 64, "/usr/lib/%ld", i); access(name, F_OK); }',
    ),
    timeout: 600,
    expected: STOPPED,
  },
];

describe('programs that keep the kernel busy', () => {
  testEscapePrograms(KERNEL_LOADS);
});

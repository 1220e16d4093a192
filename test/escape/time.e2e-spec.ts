import {
  type EscapeProgram,
  C,
  PYTHON,
  TIME_LIMIT,
  cMain,
  endsWithOneOf,
  printsErrors,
} from './escape-program';
import { testEscapePrograms } from './escape-tests';

const SHORT = 400;
const STOPPED = { ...TIME_LIMIT, stdout: 'started\n' };
const SPIN = 'for (volatile long i = 0;; i++);';

const TIMERS: readonly EscapeProgram[] = [
  {
    name: 'alarms at every microsecond affect only the program',
    language: 'c',
    code: cMain(
      `signal(SIGALRM, SIG_IGN); signal(SIGPROF, SIG_IGN); struct itimerval often = { { 0, 1 }, { 0, 1 } }; for (int i = 0; i < 3; i++) setitimer(i, &often, 0); signal(SIGVTALRM, SIG_IGN); SAY("started"); ${SPIN}`,
    ),
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'a hundred thousand timers exceed the limit',
    language: 'c',
    code: `${C}\n#include <sys/timerfd.h>\nint main(void) { struct itimerspec often = { { 0, 1000 }, { 0, 1000 } }; int n = 0, fd;
for (; n < 100000 && (fd = timerfd_create(CLOCK_MONOTONIC, 0)) >= 0; n++) timerfd_settime(fd, 0, &often, 0); ATTEMPT(n < 1024 ? "few" : "many", -1);
timer_t t; struct sigevent none = { .sigev_notify = SIGEV_NONE }; for (n = 0; n < 1000000 && timer_create(CLOCK_MONOTONIC, &none, &t) == 0; n++) timer_settime(t, 0, &often, 0); SAY(n < 1000000 ? "limited" : "unlimited"); }`,
    timeout: 10_000,
    expected: {
      ...endsWithOneOf('OK', 'MEMORY_LIMIT'),
      stdout: expect.stringMatching(/^few EMFILE\n(limited\n)?$/) as string,
    },
  },
  {
    name: 'an ignored alarm ends nothing, and another one ends its program',
    language: 'perl',
    code: '$| = 1; $SIG{ALRM} = "IGNORE"; alarm 1; print "started\\n"; sleep 1 while 1',
    timeout: 1300,
    expected: STOPPED,
  },
  {
    name: 'the CPU time of all processes counts together, even if they ignore the signal of the CPU limit',
    language: 'python',
    code: `${PYTHON}
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
print('started', flush=True)
for _ in range(4): os.fork()
while True: pass`,
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'the CPU time of short-lived children is counted',
    language: 'bash',
    code: 'echo started; while :; do (for i in {1..3000}; do :; done); done',
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'clocks cannot be set or shifted',
    language: 'python',
    code: `${PYTHON}
for clock in time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME: attempt('clock', lambda: time.clock_settime(clock, 1))
attempt('offsets', lambda: os.open('/proc/self/timens_offsets', os.O_WRONLY) and os.write(3, b'monotonic 9 9'))
attempt('alarm', lambda: os.open('/dev/rtc0', os.O_RDWR))`,
    expected: {
      verdict: 'OK',
      stdout: expect.stringMatching(
        /^clock EPERM\nclock (EINVAL|EPERM)\nclock (EINVAL|EPERM)\noffsets E\w+\nalarm ENOENT\n$/,
      ) as string,
    },
  },
  {
    name: 'a program that only sleeps ends at the time limit',
    language: 'lua',
    code: 'print("started") io.stdout:flush() os.execute("sleep MARKER")',
    timeout: SHORT,
    expected: STOPPED,
  },
];

const SCHEDULERS: readonly EscapeProgram[] = [
  {
    name: 'loops bound to one core leave others their share',
    language: 'python',
    code: `${PYTHON}
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
print('started', flush=True)
for _ in range(4): os.fork()
while True: pass`,
    timeout: 600,
    expected: STOPPED,
  },
  {
    name: 'loops on every core leave others their share',
    language: 'c',
    code: `${C}\nvoid *spin(void *x) { ${SPIN} return x; }\nint main(void) { SAY("started"); pthread_t t; for (int i = 0; i < 31; i++) pthread_create(&t, 0, spin, 0); spin(0); }`,
    timeout: 600,
    expected: STOPPED,
  },
  {
    name: 'Go threads on every core leave others their share',
    language: 'go',
    code: 'package main\nimport ("fmt"; "runtime")\nfunc main() { fmt.Println("started"); runtime.GOMAXPROCS(64); for i := 0; i < 64; i++ { go func() { for { } }() }; select {} }',
    timeout: 600,
    expected: STOPPED,
  },
  {
    name: 'deadline and real-time scheduling are denied',
    language: 'c',
    code: cMain(
      `struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; } a = { 48, 6, 0, 0, 0, 10000000, 10000000, 10000000 };
ATTEMPT("deadline", syscall(SYS_sched_setattr, 0, &a, 0)); struct sched_param p = { 99 }; ATTEMPT("fifo", sched_setscheduler(0, SCHED_FIFO, &p)); ATTEMPT("round robin", sched_setscheduler(0, SCHED_RR, &p)); ATTEMPT("nice", setpriority(PRIO_PROCESS, 0, -1));`,
    ),
    expected: printsErrors({ deadline: 'EPERM', fifo: 'EPERM', 'round robin': 'EPERM', nice: 'EACCES' }),
  },
];

describe('timers and clocks', () => {
  testEscapePrograms(TIMERS);
});
describe('scheduling', () => {
  testEscapePrograms(SCHEDULERS);
});

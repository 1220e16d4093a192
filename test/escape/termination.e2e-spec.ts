import {
  type EscapeProgram,
  C,
  PYTHON,
  TIME_LIMIT,
  exitsWith,
  cMain,
  printsLines,
  endsWithSignal,
} from './escape-program';
import { testEscapePrograms } from './escape-tests';

const SHORT = 400;
const STOPPED = { ...TIME_LIMIT, stdout: 'started\n' };

const LEAVING_PROCESSES_BEHIND: readonly EscapeProgram[] = [
  {
    name: 'a daemon that left its session and process group ends with the run',
    language: 'perl',
    code: 'use POSIX; $| = 1; if (fork == 0) { POSIX::setsid(); exit if fork; close $_ for *STDIN, *STDOUT, *STDERR; exec "sleep", "MARKER" } wait; print "done\\n"',
    expected: printsLines('done'),
  },
  {
    name: 'orphans that keep both streams open do not extend the run',
    language: 'bash',
    code: 'for i in 1 2 3 4 5; do (setsid sleep MARKER &); done; echo done',
    expected: printsLines('done'),
  },
  {
    name: 'a daemon that keeps replacing itself is ended',
    language: 'c',
    code: cMain(
      'SAY("done"); if (fork() == 0) for (;;) { if (fork() > 0) _exit(0); setsid(); prctl(PR_SET_NAME, "MARKER"); } usleep(50000);',
    ),
    expected: { verdict: 'OK', stdout: 'done\n' },
  },
  {
    name: 'processes that restart each other end with the run',
    language: 'python',
    code: `${PYTHON}
def guard():
  while True:
    child = os.fork()
    if child == 0: continue
    os.waitpid(child, 0)
if os.fork() == 0:
  for s in range(1, 65):
    try: signal.signal(s, signal.SIG_IGN)
    except (OSError, ValueError): pass
  guard()
time.sleep(0.05)
print('done')`,
    expected: { verdict: 'OK', stdout: 'done\n' },
  },
  {
    name: 'a program whose file was removed ends at the time limit',
    language: 'bash',
    code: 'cp /usr/bin/sleep /tmp/s; /tmp/s MARKER & cp /usr/bin/sleep /tmp/t; rm /tmp/s; echo started; exec /tmp/t MARKER',
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'zombie children do not prevent the end of a run',
    language: 'perl',
    code: '$| = 1; my $n = 0; for (1 .. 100) { my $pid = fork; if (!defined $pid) { last } if (!$pid) { exit } $n++ } print "$n\\n"',
    expected: printsLines('100'),
  },
  {
    name: 'a subreaper does not keep orphans from ending with the run',
    language: 'c',
    code: cMain(
      'prctl(PR_SET_CHILD_SUBREAPER, 1); for (int i = 0; i < 20; i++) if (fork() == 0) { setsid(); if (fork() == 0) execlp("sleep", "sleep", "MARKER", (char *)0); _exit(0); } SAY("done");',
    ),
    expected: printsLines('done'),
  },
];

const RESISTING_TERMINATION: readonly EscapeProgram[] = [
  {
    name: 'a loop that ignores and blocks all signals is stopped',
    language: 'c',
    code: cMain(
      'for (int s = 1; s <= 64; s++) signal(s, SIG_IGN); sigset_t all; sigfillset(&all); sigprocmask(SIG_BLOCK, &all, 0); SAY("started"); for (volatile long i = 0;; i++);',
    ),
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'a program that stops itself ends at the time limit',
    language: 'python',
    code: `${PYTHON}\nprint('started', flush=True)\nos.kill(os.getpid(), signal.SIGSTOP)\nprint('never')`,
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'a process group that stops itself and all others ends at the time limit',
    language: 'bash',
    code: 'echo started; sleep MARKER & setsid sleep MARKER & kill -STOP -1; kill -STOP 0; kill -STOP $$; echo never',
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'a program that restarts itself on every signal is stopped',
    language: 'perl',
    code: '$| = 1; $SIG{$_} = sub { exec $^X, "/app/main.pl" } for grep { !/^(KILL|STOP|__|NUM|CHLD|CLD)/ } keys %SIG; print "started\\n" if !$ENV{AGAIN}++; kill "TERM", $$; sleep 1 while 1',
    timeout: SHORT,
    expected: STOPPED,
  },
  {
    name: 'exit codes over 128 are reported as exit codes',
    language: 'bash',
    code: '(exit 137); (exit 143); exit 137',
    expected: exitsWith(137),
  },
  {
    name: 'an exit code is truncated to eight bits as by the kernel',
    language: 'c',
    code: cMain('_exit(0x1ff);'),
    expected: exitsWith(255),
  },
  {
    name: 'a signal that ends a program is reported by name',
    language: 'c',
    code: cMain('signal(SIGTERM, SIG_DFL); raise(SIGTERM); SAY("never");'),
    expected: { ...endsWithSignal('SIGTERM'), stdout: '' },
  },
  {
    name: 'endless recursion ends only its program',
    language: 'c',
    code: `${C}\nint deep(volatile int n) { volatile char x[10000]; x[n % 10000] = 1; return deep(n + 1) + x[1]; }\nint main(void) { return deep(0); }`,
    expected: endsWithSignal('SIGSEGV'),
  },
];

describe('programs that leave processes behind', () => {
  testEscapePrograms(LEAVING_PROCESSES_BEHIND);
});
describe('programs that resist termination', () => {
  testEscapePrograms(RESISTING_TERMINATION);
});

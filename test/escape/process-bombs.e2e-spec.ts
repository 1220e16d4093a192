import { type EscapeProgram, C, PYTHON, cMain, endsWithOneOf } from './escape-program';
import { testEscapePrograms } from './escape-tests';

const SHORT = 400;
const BOMB = {
  ...endsWithOneOf('TIME_LIMIT', 'MEMORY_LIMIT'),
  stdout: expect.stringMatching(/^started\n/) as string,
};

const BOMBS: readonly EscapeProgram[] = [
  {
    name: 'a fork bomb in C is stopped',
    language: 'c',
    code: cMain('SAY("started"); for (;;) fork();'),
    timeout: SHORT,
    expected: BOMB,
  },
  {
    name: 'a fork bomb in Bash is stopped',
    language: 'bash',
    code: 'echo started; exec 2> /dev/null; bomb() { bomb | bomb & wait; }; bomb; sleep MARKER',
    timeout: SHORT,
    expected: BOMB,
  },
  {
    name: 'a fork bomb whose processes leave their session is stopped',
    language: 'python',
    code: `${PYTHON}
print('started', flush=True)
while True:
  try:
    if os.fork() == 0: os.setsid()
  except OSError: pass`,
    timeout: SHORT,
    expected: BOMB,
  },
  {
    // Linux gives each session an equal share of the CPU (sched_autogroup_enabled), so many sessions would get most of it.
    name: 'the maximum number of processes, each computing in its own session, leaves others their share',
    language: 'c',
    code: cMain('SAY("started"); while (fork() >= 0) setsid(); for (volatile long i = 0;; i++);'),
    timeout: 4 * SHORT,
    expected: BOMB,
  },
  {
    name: 'a thread bomb in C is stopped',
    language: 'c',
    code: `${C}\nvoid *spin(void *x) { for (volatile long i = 0;; i++); return x; }\nint main(void) { SAY("started"); pthread_t t; for (;;) pthread_create(&t, 0, spin, 0); }`,
    timeout: SHORT,
    expected: BOMB,
  },
  {
    name: 'a thread bomb in Java is stopped',
    language: 'java',
    code: 'class Main { public static void main(String[] a) { System.out.println("started"); for (;;) try { new Thread(() -> { for (;;); }).start(); } catch (Throwable t) { } } }',
    timeout: 1000,
    expected: { verdict: expect.stringMatching(/^(TIME|MEMORY)_LIMIT$/) as string },
  },
  {
    name: 'a program that starts programs endlessly is stopped',
    language: 'ruby',
    code: '$stdout.sync = true; puts "started"; loop { spawn("/bin/sh", "-c", "exec sleep MARKER") rescue nil }',
    timeout: SHORT,
    expected: BOMB,
  },
  {
    name: 'a bomb of child processes that share memory is stopped',
    language: 'c',
    code: cMain(
      'SAY("started"); for (;;) syscall(SYS_clone, CLONE_FS | CLONE_FILES | CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);',
    ),
    timeout: SHORT,
    expected: BOMB,
  },
];

describe('process and thread bombs', () => {
  testEscapePrograms(BOMBS);
});
describe('process and thread bombs, counted from /proc', () => {
  testEscapePrograms(BOMBS, { ENGINE_ACCOUNTING: 'rusage' });
});

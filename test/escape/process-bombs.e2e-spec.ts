/** Bombs of processes and threads: each is stopped, and others keep their share meanwhile. */
import { type EscapeProgram, C, PYTHON, cMain, endsWithOneOf } from './escape-program';
import { testEscapePrograms } from './escape-tests';

const SHORT = 400;
const BOMB = {
  ...endsWithOneOf('TIME_LIMIT', 'MEMORY_LIMIT'),
  stdout: expect.stringMatching(/^started\n/) as string,
};

const BOMBS: readonly EscapeProgram[] = [
  {
    name: 'a fork bomb of C is stopped',
    language: 'c',
    code: cMain('SAY("started"); for (;;) fork();'),
    timeout: SHORT,
    expected: BOMB,
  },
  {
    name: 'a fork bomb of a shell is stopped',
    language: 'bash',
    code: 'echo started; exec 2> /dev/null; bomb() { bomb | bomb & wait; }; bomb; sleep MARKER',
    timeout: SHORT,
    expected: BOMB,
  },
  {
    name: 'a fork bomb of which each leaves its parents is stopped',
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
    // Linux gives each session an equal share (sched_autogroup_enabled), so that many of them would get much.
    name: 'as many processes as there may be, each a session that computes, leave others their share',
    language: 'c',
    code: cMain('SAY("started"); while (fork() >= 0) setsid(); for (volatile long i = 0;; i++);'),
    timeout: 4 * SHORT,
    expected: BOMB,
  },
  {
    name: 'a thread bomb of C is stopped',
    language: 'c',
    code: `${C}\nvoid *spin(void *x) { for (volatile long i = 0;; i++); return x; }\nint main(void) { SAY("started"); pthread_t t; for (;;) pthread_create(&t, 0, spin, 0); }`,
    timeout: SHORT,
    expected: BOMB,
  },
  {
    name: 'a thread bomb of Java is stopped',
    language: 'java',
    code: 'class Main { public static void main(String[] a) { System.out.println("started"); for (;;) try { new Thread(() -> { for (;;); }).start(); } catch (Throwable t) { } } }',
    timeout: 1000,
    expected: { verdict: expect.stringMatching(/^(TIME|MEMORY)_LIMIT$/) as string },
  },
  {
    name: 'a bomb of programs that start programs is stopped',
    language: 'ruby',
    code: '$stdout.sync = true; puts "started"; loop { spawn("/bin/sh", "-c", "exec sleep MARKER") rescue nil }',
    timeout: SHORT,
    expected: BOMB,
  },
  {
    name: 'a bomb of children that share their memory is stopped',
    language: 'c',
    code: cMain(
      'SAY("started"); for (;;) syscall(SYS_clone, CLONE_FS | CLONE_FILES | CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);',
    ),
    timeout: SHORT,
    expected: BOMB,
  },
];

describe('bombs', () => {
  testEscapePrograms(BOMBS);
});
describe('bombs where nothing but /proc counts them', () => {
  testEscapePrograms(BOMBS, { ENGINE_ACCOUNTING: 'rusage' });
});

import { type EscapeProgram, TIME_LIMIT, cMain, printsLines, endsWithSignal } from './escape-program';
import { testEscapePrograms } from './escape-tests';

const SIGNALS: readonly EscapeProgram[] = [
  {
    name: 'a signal to all processes stays inside the run',
    language: 'perl',
    code: '$| = 1; for my $signal (1 .. 31) { kill $signal, -1 } print "alive\\n"',
    expected: printsLines('alive'),
  },
  {
    name: 'no single signal ends or stops the first process',
    language: 'c',
    code: cMain(
      'for (int round = 0; round < 20; round++) for (int s = 1; s <= 64; s++) { kill(1, s); syscall(SYS_tkill, 1, s); syscall(SYS_tgkill, 1, 1, s); }\nSAY("alive");',
    ),
    expected: printsLines('alive'),
  },
  {
    name: 'no signal with a value or through a descriptor ends or stops the first process',
    language: 'c',
    code: cMain(`int fd = syscall(SYS_pidfd_open, 1, 0); ATTEMPT("open", fd);
for (int s = 1; s <= 64; s++) { siginfo_t info = { .si_signo = s, .si_code = SI_QUEUE };
  syscall(SYS_pidfd_send_signal, fd, s, 0, 0); syscall(SYS_rt_sigqueueinfo, 1, s, &info); syscall(SYS_rt_tgsigqueueinfo, 1, 1, s, &info); }
SAY("alive");`),
    expected: printsLines('open GOT', 'alive'),
  },
  {
    name: 'a flood of signals does not prevent the first process from ending the run',
    language: 'perl',
    code: '$| = 1; print "started\\n"; fork; fork; while (1) { kill $_, 1 for qw(CHLD PIPE USR1 HUP WINCH) }',
    timeout: 400,
    expected: { ...TIME_LIMIT, stdout: 'started\n' },
  },
  {
    name: 'a program that kills its own process group is reported as signalled',
    language: 'bash',
    code: 'echo started; sleep MARKER & kill -KILL 0; echo never',
    expected: { ...endsWithSignal('SIGKILL'), stdout: 'started\n' },
  },
  {
    name: 'a child that kills its parent, the shell, ends with the run',
    language: 'bash',
    code: 'echo started; bash -c "kill -KILL $$; exec sleep MARKER"; echo never',
    expected: { ...endsWithSignal('SIGKILL'), stdout: 'started\n' },
  },
];

describe('signals', () => {
  testEscapePrograms(SIGNALS);
});

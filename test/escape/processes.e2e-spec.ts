import { type EscapeProgram, PYTHON, TIME_LIMIT, cMain, printsLines, printsErrors } from './escape-program';
import { testEscapePrograms } from './escape-tests';

const VISIBILITY: readonly EscapeProgram[] = [
  {
    name: 'processes of other runs and of the service are invisible',
    language: 'python',
    code: 'import glob, os\nnames = {open(p).read().strip() for p in glob.glob("/proc/[0-9]*/task/*/comm")}\nprint(*sorted(n for n in names if n not in ("perl", "python3") and not n.startswith("sandbox")))\nprint(max(map(int, filter(str.isdigit, os.listdir("/proc")))) < 100)',
    expected: printsLines('', 'True'),
  },
  {
    name: 'no readable environment, command line or memory contains secrets of the service',
    language: 'python',
    // The secret is written backwards, so that the search cannot find the program itself.
    code: `${PYTHON}
secret = b'ecivres-eht-fo-terces'[::-1]
found = []
for folder, _, names in os.walk('/proc'):
  if folder.count('/') > 4: continue
  for name in names:
    if name in ('environ', 'cmdline', 'auxv', 'comm', 'status', 'mountinfo', 'cgroup', 'limits'):
      path = os.path.join(folder, name)
      try: found += [path] if secret in open(path, 'rb').read() else []
      except OSError: pass
print(found, [name for name in os.environ if 'ESCAPE' in name or 'ENGINE' in name or 'DATA' in name])`,
    expected: printsLines('[] []'),
  },
  {
    name: 'only the three standard descriptors are inherited',
    language: 'c',
    code: cMain(
      'for (int fd = 3; fd < 65536; fd++) if (fcntl(fd, F_GETFD) >= 0) printf("%d\\n", fd);\nSAY("looked");',
    ),
    expected: printsLines('looked'),
  },
];

const CONTROL: readonly EscapeProgram[] = [
  {
    name: 'the first process cannot be traced, read or written, nor its descriptors taken',
    language: 'c',
    code: cMain(`char byte = 0; struct { void *at; size_t size; } own = { &byte, 1 }, other = { &byte, 1 };
ATTEMPT("attach", ptrace(PTRACE_ATTACH, 1, 0, 0)); ATTEMPT("seize", ptrace(PTRACE_SEIZE, 1, 0, 0));
ATTEMPT("read", syscall(SYS_process_vm_readv, 1, &own, 1, &other, 1, 0));
ATTEMPT("write", syscall(SYS_process_vm_writev, 1, &own, 1, &other, 1, 0));
ATTEMPT("descriptor", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, 1, 0), 0, 0));
ATTEMPT("compare", syscall(SYS_kcmp, 1, getpid(), 0, 0, 0)); ATTEMPT("memory", open("/proc/1/mem", O_RDWR));
ATTEMPT("limits", syscall(SYS_prlimit64, 1, RLIMIT_CPU, &own, 0)); ATTEMPT("group", setpgid(1, 0));`),
    expected: printsErrors({
      attach: 'EPERM',
      seize: 'EPERM',
      read: 'EPERM',
      write: 'EPERM',
      descriptor: 'EPERM',
      compare: 'EPERM',
      memory: 'EACCES',
      limits: 'EPERM',
      group: 'ESRCH',
    }),
  },
  {
    name: 'a tracer cannot delay the exit of a child that asks to be traced',
    language: 'c',
    code: cMain(`pid_t child = fork(); if (child == 0) { ATTEMPT("asked", ptrace(PTRACE_TRACEME, 0, 0, 0)); raise(SIGSTOP); execlp("sleep", "sleep", "MARKER", (char *)0); }
waitpid(child, 0, WUNTRACED); ATTEMPT("attach", ptrace(PTRACE_ATTACH, child, 0, 0)); ATTEMPT("seize", ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACEEXIT));
ATTEMPT("options", ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEEXIT)); kill(child, SIGCONT);`),
    expected: printsErrors({ asked: 'EPERM', attach: 'EPERM', seize: 'EPERM', options: 'EPERM' }),
  },
  {
    name: 'a sibling that is stopped repeatedly ends with the run',
    language: 'c',
    code: cMain(`pid_t one = fork(); if (one == 0) execlp("sleep", "sleep", "MARKER", (char *)0);
if (fork() == 0) for (;;) kill(one, SIGSTOP); SAY("started"); for (;;) pause();`),
    timeout: 400,
    expected: { ...TIME_LIMIT, stdout: 'started\n' },
  },
  {
    name: 'a first process with the lowest priority still ends its run at the time limit',
    language: 'python',
    code: `${PYTHON}
for act in (lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)), lambda: os.setpriority(os.PRIO_PROCESS, 1, 19), lambda: os.sched_setaffinity(1, {0})):
  try: act()
  except OSError: pass
print('started')
for _ in range(6): os.fork()
while True: pass`,
    timeout: 400,
    expected: { ...TIME_LIMIT, stdout: 'started\n' },
  },
  {
    name: 'priorities above those of others cannot be taken',
    language: 'python',
    code: `${PYTHON}
param = os.sched_param(1)
attempt('nice', lambda: os.setpriority(os.PRIO_PROCESS, 0, -20))
attempt('less nice', lambda: os.setpriority(os.PRIO_PROCESS, 0, 0))
attempt('fifo', lambda: os.sched_setscheduler(0, os.SCHED_FIFO, param))
attempt('round robin', lambda: os.sched_setscheduler(0, os.SCHED_RR, param))
attempt('limit', lambda: resource.setrlimit(resource.RLIMIT_RTPRIO, (99, 99)))
attempt('processes', lambda: resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999)) if resource.getrlimit(resource.RLIMIT_NPROC)[1] < 9999 else 'unlimited')`,
    // Python raises a ValueError if the kernel rejects a limit with EPERM.
    expected: {
      verdict: 'NONZERO_EXIT',
      stdout: 'nice EACCES\nless nice EACCES\nfifo EPERM\nround robin EPERM\n',
      stderr: expect.stringContaining('not allowed to raise maximum limit') as string,
    },
  },
  {
    name: 'a child that cannot be waited for does not delay the end of the run',
    language: 'c',
    code: cMain(`SAY("started"); if (vfork() == 0) { for (;;) pause(); } SAY("never");`),
    timeout: 400,
    expected: { ...TIME_LIMIT, stdout: 'started\n' },
  },
];

describe('visibility of other processes', () => {
  testEscapePrograms(VISIBILITY);
});
describe('control over other processes', () => {
  testEscapePrograms(CONTROL);
});

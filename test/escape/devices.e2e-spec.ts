import { type EscapeProgram, PYTHON, cMain, printsLines, printsErrors } from './escape-program';
import { testEscapePrograms } from './escape-tests';

const DEVICES: readonly EscapeProgram[] = [
  {
    name: '/dev contains only byte devices and links to own descriptors',
    language: 'bash',
    code: 'cd /dev; find . -mindepth 1 ! -type l | sort | tr "\\n" " "; echo; for link in $(find . -type l | sort); do echo -n "$link=$(readlink $link) "; done; echo',
    expected: printsLines(
      './full ./null ./random ./shm ./urandom ./zero ',
      './fd=/proc/self/fd ./stderr=/proc/self/fd/2 ./stdin=/proc/self/fd/0 ./stdout=/proc/self/fd/1 ',
    ),
  },
  {
    name: 'devices of the machine do not exist and cannot be created',
    language: 'python',
    code: `${PYTHON}
import stat
for name in 'mem', 'kmem', 'port', 'kvm', 'fuse', 'loop-control', 'kmsg', 'sda', 'vda', 'net/tun', 'vsock', 'userfaultfd': attempt(name, lambda: os.open('/dev/' + name, os.O_RDWR))
for kind in stat.S_IFCHR, stat.S_IFBLK: attempt('mknod', lambda: os.mknod('/work/device%d' % kind, kind | 0o666, os.makedev(1, 1)))
for name in 'tty', 'tty0', 'console', 'ptmx', 'pts/ptmx', 'pts/0': attempt('terminal', lambda: os.open('/dev/' + name, os.O_RDWR))`,
    expected: {
      verdict: 'OK',
      stdout: expect.stringMatching(/^(\S+ ENOENT\n){12}(mknod EPERM\n){2}(terminal ENOENT\n){6}$/) as string,
    },
  },
  {
    name: 'no terminal can be created, and no input injected into one',
    language: 'python',
    code: `${PYTHON}
import fcntl, pty, termios
try: print(pty.openpty())
except OSError as e: print(e)
for fd in 0, 1, 2:
  for what in termios.TIOCSTI, 0x541c, termios.TIOCSETD, termios.TIOCCONS, termios.TIOCSCTTY: attempt(fd, lambda: fcntl.ioctl(fd, what, b'x' * 8))`,
    // Two calls inject input, one sets a line discipline; the others query the file, which is no terminal.
    expected: printsLines(
      'out of pty devices',
      ...['0', '1', '2'].flatMap((fd) =>
        ['EPERM', 'EPERM', 'EPERM', 'ENOTTY', 'ENOTTY'].map((error) => `${fd} ${error}`),
      ),
    ),
  },
];

const SWITCHES: readonly EscapeProgram[] = [
  {
    name: 'kernel settings cannot be written, including those of its own namespaces',
    language: 'bash',
    code: `for file in /proc/sysrq-trigger $(find /proc/sys /proc/irq /proc/bus /proc/fs /proc/acpi /proc/scsi /proc/tty -type f 2> /dev/null); do
(exec 3>> "$file") 2> /dev/null && echo "$file"; done; echo tried`,
    expected: printsLines('tried'),
    timeout: 10_000,
  },
  {
    name: 'boot parameters, devices and activity of other users cannot be read',
    language: 'python',
    code: `for name in 'cmdline', 'config.gz', 'diskstats', 'interrupts', 'key-users', 'keys', 'locks', 'modules', 'softirqs', 'swaps':
  try: print(name) if open('/proc/' + name, 'rb').read() else None
  except FileNotFoundError: pass
print('tried')`,
    expected: printsLines('tried'),
  },
  {
    name: 'the limits of its namespaces cannot be raised',
    language: 'python',
    code: `${PYTHON}
for path in 'user/max_user_namespaces', 'user/max_net_namespaces', 'user/max_mnt_namespaces', 'net/ipv4/ip_forward', 'net/ipv4/ping_group_range', 'net/core/somaxconn':
  attempt('limit', lambda: os.write(os.open('/proc/sys/' + path, os.O_WRONLY), b'1'))`,
    expected: printsLines(...Array<string>(6).fill('limit EACCES')),
  },
  {
    name: 'kernel memory, kernel log and kernel addresses cannot be read',
    language: 'python',
    code: `${PYTHON}
for name in 'kcore', 'kmsg', 'kpageflags', 'kpagecount', 'vmallocinfo', 'slabinfo', 'pagetypeinfo', 'timer_list', 'sched_debug', 'kallsyms':
  try: data = open('/proc/' + name, 'rb').read(4096)
  except OSError: continue
  if name != 'kallsyms' or any(int(line.split()[0], 16) for line in data.splitlines()[:-1]): print(name)
def frames():
  with open('/proc/self/pagemap', 'rb') as f:
    f.seek(id(frames) // 4096 * 8)
    return int.from_bytes(f.read(8), 'little') & ((1 << 55) - 1)
print('frame', frames())`,
    expected: printsLines('frame 0'),
  },
  {
    name: 'there is no cgroup to leave, to write to, or to start a host program with',
    language: 'bash',
    code: 'find / -xdev \\( -name release_agent -o -name cgroup.procs -o -name notify_on_release \\) 2> /dev/null; ls /sys 2>&1; grep -c cgroup /proc/mounts; echo looked',
    expected: printsLines("ls: cannot access '/sys': No such file or directory", '0', 'looked'),
    timeout: 10_000,
  },
  {
    name: 'the OOM killer prefers the program to the service, which the program cannot change',
    language: 'python',
    code: `${PYTHON}
print('before', open('/proc/self/oom_score_adj').read().strip())
for value in '-1', '-1000': attempt(value, lambda: os.write(os.open('/proc/self/oom_score_adj', os.O_WRONLY), value.encode()))
for name in '1/oom_score_adj', '1/timerslack_ns', '1/comm', '1/coredump_filter', '1/clear_refs', '1/setgroups': attempt(name, lambda: os.write(os.open('/proc/' + name, os.O_WRONLY), b'1'))`,
    expected: printsErrors({
      before: '1000',
      '-1': 'EACCES',
      '-1000': 'EACCES',
      '1/oom_score_adj': 'EACCES',
      '1/timerslack_ns': 'EPERM',
      '1/comm': 'EACCES',
      '1/coredump_filter': 'EACCES',
      '1/clear_refs': 'EACCES',
      '1/setgroups': 'EACCES',
    }),
  },
  {
    name: 'hardware ports can neither be opened nor written to',
    language: 'c',
    code: cMain(`#ifdef SYS_iopl
ATTEMPT("iopl", syscall(SYS_iopl, 3)); ATTEMPT("ioperm", syscall(SYS_ioperm, 0x70, 2, 1));
#else
puts("iopl EPERM\\nioperm EPERM");
#endif`),
    expected: {
      verdict: 'OK',
      stdout: expect.stringMatching(/^iopl (EPERM|ENOSYS)\nioperm (EPERM|ENOSYS)\n$/) as string,
    },
  },
];

describe('devices', () => {
  testEscapePrograms(DEVICES);
});
describe('kernel settings', () => {
  testEscapePrograms(SWITCHES);
});

import { type EscapeProgram, C, PYTHON, cMain, printsErrors } from './escape-program';
import { testEscapePrograms } from './escape-tests';

/** A kernel built without a system call returns ENOSYS before it checks privileges. */
const failsWithPermissionErrorOrMissing = (names: string): EscapeProgram['expected'] => ({
  verdict: 'OK',
  stdout: expect.stringMatching(
    new RegExp(`^${names.replaceAll(/(\S+) ?/g, '$1 (EPERM|ENOSYS)\\n')}$`),
  ) as string,
});

const eachFailsWith = (error: string, names: string): EscapeProgram['expected'] =>
  printsErrors(Object.fromEntries(names.split(' ').map((name) => [name, error])));

const NAMESPACES: readonly EscapeProgram[] = [
  {
    name: 'unshare creates no namespace',
    language: 'c',
    code: cMain(`ATTEMPT("user", unshare(CLONE_NEWUSER)); ATTEMPT("mount", unshare(CLONE_NEWNS)); ATTEMPT("pid", unshare(CLONE_NEWPID));
ATTEMPT("network", unshare(CLONE_NEWNET)); ATTEMPT("ipc", unshare(CLONE_NEWIPC)); ATTEMPT("uts", unshare(CLONE_NEWUTS));
ATTEMPT("cgroup", unshare(CLONE_NEWCGROUP)); ATTEMPT("time", unshare(0x80)); ATTEMPT("both", unshare(CLONE_NEWUSER | CLONE_NEWNET));`),
    expected: eachFailsWith('EPERM', 'user mount pid network ipc uts cgroup time both'),
  },
  {
    name: 'clone and clone3 create no namespace',
    language: 'c',
    code: cMain(`long flags[] = { CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS };
for (int i = 0; i < 6; i++) { uint64_t args[11] = { flags[i], 0, 0, 0, SIGCHLD };
  long one = syscall(SYS_clone, flags[i] | SIGCHLD, 0, 0, 0, 0); if (one == 0) _exit(0); ATTEMPT("clone", one);
  long three = syscall(SYS_clone3, args, sizeof args); if (three == 0) _exit(0); ATTEMPT("clone3", three); }`),
    expected: {
      verdict: 'OK',
      stdout: 'clone EPERM\nclone3 ENOSYS\n'.repeat(6),
    },
  },
  {
    name: 'other namespaces cannot be entered, and its own not again with more privileges',
    language: 'python',
    code: `${PYTHON}
def enter(path): 
  if libc.setns(os.open(path, os.O_RDONLY), 0) < 0: raise OSError(ctypes.get_errno(), '')
for name in 'user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup': attempt(name, lambda: enter('/proc/self/ns/' + name))
def by_process():
  if libc.setns(os.pidfd_open(1), 0x20000) < 0: raise OSError(ctypes.get_errno(), '')
attempt('process', by_process)`,
    expected: eachFailsWith('EPERM', 'user mnt pid net ipc uts cgroup process'),
  },
  {
    name: 'the user mapping of the namespace is fixed',
    language: 'python',
    code: `${PYTHON}
for name in 'uid_map', 'gid_map', 'projid_map': attempt(name, lambda: os.write(os.open('/proc/self/' + name, os.O_WRONLY), b'0 0 1'))
attempt('setgroups', lambda: os.write(os.open('/proc/self/setgroups', os.O_WRONLY), b'allow'))
print('map', *open('/proc/self/uid_map').read().split()[::2])`,
    expected: printsErrors({
      uid_map: 'EPERM',
      gid_map: 'EPERM',
      projid_map: 'EPERM',
      setgroups: 'EACCES',
      map: '1000 1',
    }),
  },
];

const MOUNTS: readonly EscapeProgram[] = [
  {
    name: 'nothing can be mounted, unmounted or moved',
    language: 'c',
    code: `${C}\n#include <sys/mount.h>\nint main(void) { mkdir("/work/m", 0777);
ATTEMPT("tmpfs", mount("none", "/work/m", "tmpfs", 0, 0)); ATTEMPT("proc", mount("proc", "/work/m", "proc", 0, 0));
ATTEMPT("cgroup", mount("none", "/work/m", "cgroup", 0, "memory")); ATTEMPT("overlay", mount("none", "/work/m", "overlay", 0, "lowerdir=/usr"));
ATTEMPT("bind", mount("/usr", "/work/m", 0, MS_BIND, 0)); ATTEMPT("remount", mount(0, "/app", 0, MS_REMOUNT | MS_BIND, 0));
ATTEMPT("shared", mount(0, "/", 0, MS_SHARED | MS_REC, 0)); ATTEMPT("move", mount("/tmp", "/work/m", 0, MS_MOVE, 0));
ATTEMPT("umount", umount2("/app", MNT_DETACH)); ATTEMPT("pivot_root", syscall(SYS_pivot_root, "/work", "/work/m")); ATTEMPT("chroot", chroot("/work")); }`,
    expected: eachFailsWith(
      'EPERM',
      'tmpfs proc cgroup overlay bind remount shared move umount pivot_root chroot',
    ),
  },
  {
    name: 'the newer mount calls mount nothing either',
    language: 'c',
    code: cMain(`uint64_t attributes[4] = { 0, 1 };
ATTEMPT("fsopen", syscall(430, "tmpfs", 0)); ATTEMPT("fspick", syscall(433, AT_FDCWD, "/work", 0)); ATTEMPT("open_tree", syscall(428, AT_FDCWD, "/usr", 1));
ATTEMPT("move_mount", syscall(429, AT_FDCWD, "/tmp", AT_FDCWD, "/work", 0)); ATTEMPT("mount_setattr", syscall(442, AT_FDCWD, "/app", 0, attributes, 32));`),
    expected: eachFailsWith('EPERM', 'fsopen fspick open_tree move_mount mount_setattr'),
  },
];

const MACHINE: readonly EscapeProgram[] = [
  {
    name: 'modules, kernel, swap, clock, host name and power state of the machine cannot be changed',
    language: 'c',
    code: `${C}\n#include <sys/swap.h>\n#include <sys/reboot.h>\n#include <sys/timex.h>\n#include <sys/klog.h>\nint main(void) { struct timeval now = { 1, 0 }; struct timespec then = { 1, 0 }; struct timex adjust = { .modes = ADJ_TICK, .tick = 10001 };
ATTEMPT("init_module", syscall(SYS_init_module, "", 0, "")); ATTEMPT("finit_module", syscall(SYS_finit_module, 0, "", 0)); ATTEMPT("delete_module", syscall(SYS_delete_module, "x", 0));
ATTEMPT("kexec", syscall(SYS_kexec_load, 0, 0, 0, 0)); ATTEMPT("reboot", reboot(RB_AUTOBOOT)); ATTEMPT("halt", reboot(RB_POWER_OFF));
ATTEMPT("settimeofday", settimeofday(&now, 0)); ATTEMPT("clock_settime", clock_settime(CLOCK_REALTIME, &then)); ATTEMPT("adjtimex", adjtimex(&adjust));
ATTEMPT("swapon", swapon("/work/x", 0)); ATTEMPT("swapoff", swapoff("/work/x")); ATTEMPT("acct", acct("/work/x")); ATTEMPT("sethostname", sethostname("x", 1));
ATTEMPT("setdomainname", setdomainname("x", 1)); ATTEMPT("syslog", klogctl(3, (char[9]){ 0 }, 9)); ATTEMPT("vhangup", syscall(SYS_vhangup)); }`,
    expected: failsWithPermissionErrorOrMissing(
      'init_module finit_module delete_module kexec reboot halt settimeofday clock_settime adjtimex swapon swapoff acct sethostname setdomainname syslog vhangup',
    ),
  },
  {
    name: 'system calls that namespaces do not confine do not exist',
    language: 'c',
    code: cMain(`ATTEMPT("add_key", syscall(SYS_add_key, "user", "k", "v", 1, -3)); ATTEMPT("request_key", syscall(SYS_request_key, "user", "k", 0, 0));
for (int what = 0; what < 30; what++) if (syscall(SYS_keyctl, what, -5, 0, 0, 0) >= 0 || errno != ENOSYS) printf("keyctl %d\\n", what);
ATTEMPT("bpf", syscall(SYS_bpf, 0, 0, 0)); ATTEMPT("perf", syscall(SYS_perf_event_open, 0, 0, -1, -1, 0)); ATTEMPT("io_uring", syscall(425, 8, 0));
ATTEMPT("userfaultfd", syscall(SYS_userfaultfd, 0)); ATTEMPT("memfd", syscall(SYS_memfd_create, "x", 0)); ATTEMPT("memfd_secret", syscall(447, 0));`),
    expected: eachFailsWith('ENOSYS', 'add_key request_key bpf perf io_uring userfaultfd memfd memfd_secret'),
  },
  {
    name: 'files cannot be opened by handle, file systems cannot be watched, and memory cannot be locked',
    language: 'c',
    code: `${C}\n#include <sys/fanotify.h>\nint main(void) { struct { struct file_handle head; char rest[128]; } handle = { .head = { 8, 1 } };
ATTEMPT("handle", open_by_handle_at(AT_FDCWD, &handle.head, O_RDONLY)); ATTEMPT("content", fanotify_init(FAN_CLASS_CONTENT, O_RDONLY));
char *page = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
ATTEMPT("mlock", mlock(page, 1 << 20)); ATTEMPT("mlockall", mlockall(MCL_CURRENT)); ATTEMPT("priority", syscall(SYS_ioprio_set, 1, 0, 1 << 13)); }`,
    expected: printsErrors({
      handle: 'EPERM',
      content: 'EPERM',
      mlock: 'EPERM',
      mlockall: 'EPERM',
      priority: 'EPERM',
    }),
  },
];

describe('namespaces', () => {
  testEscapePrograms(NAMESPACES);
});
describe('mounts', () => {
  testEscapePrograms(MOUNTS);
});
describe('calls that change the machine', () => {
  testEscapePrograms(MACHINE);
});

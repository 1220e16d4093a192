import {
  type EscapeProgram,
  C,
  MEMORY_LIMIT,
  PYTHON,
  cMain,
  endsWithOneOf,
  printsLines,
  printsErrors,
} from './escape-program';
import { testEscapePrograms } from './escape-tests';

const MIB = '1048576';
const LONG = 15_000;
const STARTED = { ...MEMORY_LIMIT, stdout: 'started\n' };

const PAGES: readonly EscapeProgram[] = [
  {
    name: 'a private mapping reaches the memory limit',
    language: 'c',
    code: cMain(
      `SAY("started"); for (;;) memset(mmap(0, ${MIB}, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, ${MIB});`,
    ),
    expected: STARTED,
  },
  {
    name: 'a shared mapping reaches the memory limit',
    language: 'c',
    code: cMain(
      `SAY("started"); for (;;) memset(mmap(0, ${MIB}, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), 1, ${MIB});`,
    ),
    expected: STARTED,
  },
  ...['/work', '/tmp', '/dev/shm'].map((directory) => ({
    name: `files in ${directory} end at the limit`,
    language: 'perl',
    code: `$| = 1; print "started\\n"; my $x = "x" x ${MIB}; for (my $n = 0; ; $n++) { open my $f, ">", "${directory}/$n" or die; syswrite $f, $x }`,
    expected: STARTED,
  })),
  {
    name: 'memory that outlives its processes cannot be allocated',
    language: 'c',
    code: cMain(`ATTEMPT("segment", syscall(SYS_shmget, 0, ${MIB}, 01600)); ATTEMPT("semaphores", syscall(SYS_semget, 0, 1, 01600));
ATTEMPT("messages", syscall(SYS_msgget, 0, 01600)); ATTEMPT("file", syscall(SYS_memfd_create, "x", 0)); ATTEMPT("secret", syscall(447, 0));
int p[2]; pipe(p); char *page = mmap(0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); struct { void *at; size_t size; } part = { page, 4096 };
ATTEMPT("gift", syscall(SYS_vmsplice, p[1], &part, 1, 8));`),
    expected: printsErrors({
      segment: 'ENOSYS',
      semaphores: 'ENOSYS',
      messages: 'ENOSYS',
      file: 'ENOSYS',
      secret: 'ENOSYS',
      gift: 'ENOSYS',
    }),
  },
  {
    name: 'a file mapping reaches the memory limit',
    language: 'python',
    code: `${PYTHON}
import mmap
print('started')
f = os.open('/work/f', os.O_RDWR | os.O_CREAT)
os.truncate(f, 400 << 20)
m = mmap.mmap(f, 400 << 20)
for at in range(0, 400 << 20, 4096): m[at] = 1
print('never')`,
    expected: STARTED,
  },
];

const KERNEL: readonly EscapeProgram[] = [
  {
    name: 'full pipes reach the memory limit or the limit of their user',
    language: 'c',
    code: cMain(`SAY("started"); static char x[65536]; for (int n = 0; n < 60; n++) if (fork() == 0) { int p[2];
while (pipe(p) == 0) { fcntl(p[1], F_SETPIPE_SZ, ${MIB}); fcntl(p[1], F_SETFL, O_NONBLOCK); while (write(p[1], x, sizeof x) > 0); } pause(); } sleep(3);`),
    timeout: 2000,
    expected: { ...endsWithOneOf('MEMORY_LIMIT', 'TIME_LIMIT'), stdout: 'started\n' },
  },
  {
    name: 'socket buffers reach the memory limit',
    language: 'c',
    code: cMain(`SAY("started"); static char x[65536]; for (int n = 0; n < 20; n++) if (fork() == 0) { int p[2];
while (socketpair(AF_UNIX, SOCK_DGRAM, 0, p) == 0) { while (send(p[0], x, sizeof x, MSG_DONTWAIT) > 0); } pause(); } pause();`),
    timeout: LONG,
    expected: STARTED,
  },
  {
    name: 'message queues reach the limit of their user',
    language: 'c',
    code: `${C}\n#include <mqueue.h>\nint main(void) { char name[40], text[8192] = ""; mqd_t q; int n = 0;
for (; n < 1000; n++) { snprintf(name, 40, "/%d", n); if ((q = mq_open(name, O_CREAT | O_WRONLY | O_NONBLOCK, 0600, 0)) < 0) break; while (mq_send(q, text, sizeof text, 0) == 0); } ATTEMPT(n < 100 ? "few" : "many", q); }`,
    timeout: LONG,
    expected: printsLines('few EMFILE'),
  },
  {
    name: 'memory cannot be locked',
    language: 'c',
    code: cMain(
      `char *p = mmap(0, ${MIB}, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0); ATTEMPT("locked", p == MAP_FAILED ? -1 : 0); ATTEMPT("huge", mmap(0, 2 * ${MIB}, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0) == MAP_FAILED ? -1 : 0);`,
    ),
    expected: printsLines('locked EPERM', 'huge ENOMEM'),
  },
  {
    name: 'inotify and epoll watches reach the memory limit or their maximum number',
    language: 'c',
    code: `${C}\n#include <sys/inotify.h>\n#include <sys/epoll.h>\nint main(void) { int n = inotify_init(), e = epoll_create1(0); char name[40];
for (int i = 0; i < 200000; i++) { snprintf(name, 40, "/tmp/%d", i); int f = open(name, O_CREAT | O_WRONLY, 0600); close(f); if (inotify_add_watch(n, name, IN_ALL_EVENTS) < 0) break; }
for (int i = 0; i < 900; i++) { int d = eventfd(0, 0); struct epoll_event v = { EPOLLIN }; epoll_ctl(e, EPOLL_CTL_ADD, d, &v); } SAY("ended"); }`.replace(
      '#include <sys/epoll.h>',
      '#include <sys/epoll.h>\n#include <sys/eventfd.h>',
    ),
    timeout: LONG,
    expected: endsWithOneOf('MEMORY_LIMIT', 'OK'),
  },
];

const LARGE_DISK = { ENGINE_DISK_MB: '512' };

describe('memory of processes', () => {
  testEscapePrograms(PAGES, LARGE_DISK);
});
describe('memory of the kernel on behalf of processes', () => {
  testEscapePrograms(KERNEL, LARGE_DISK);
});

import {
  type EscapeProgram,
  PYTHON,
  cMain,
  endsWithOneOf,
  printsLines,
  printsErrors,
  endsWithSignal,
} from './escape-program';
import { testEscapePrograms } from './escape-tests';

const LONG = 15_000;

const SIZES: readonly EscapeProgram[] = [
  {
    name: 'a sparse file cannot exceed the disk',
    language: 'python',
    code: `${PYTHON}
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
f = os.open('/work/f', os.O_RDWR | os.O_CREAT)
attempt('truncate', lambda: os.truncate(f, 1 << 40))
attempt('allocate', lambda: os.posix_fallocate(f, 0, 1 << 40))
attempt('seek', lambda: os.pwrite(f, b'x', 1 << 40))
attempt('limit', lambda: os.truncate(f, (64 << 20) + 1))
print(os.stat(f).st_size)`,
    expected: printsLines('truncate EFBIG', 'allocate EFBIG', 'seek EFBIG', 'limit EFBIG', '0'),
  },
  {
    name: 'a file that exceeds its size limit ends only its program',
    language: 'c',
    code: cMain(
      'int f = open("/work/f", O_CREAT | O_RDWR, 0600); pwrite(f, "x", 1, 1l << 40); SAY("never");',
    ),
    expected: { ...endsWithSignal('SIGXFSZ'), stdout: '' },
  },
  {
    name: 'a full disk under a memory mapping ends only its program',
    language: 'python',
    code: `${PYTHON}
import mmap
f = os.open('/work/f', os.O_RDWR | os.O_CREAT)
os.truncate(f, 60 << 20)
m = mmap.mmap(f, 60 << 20)
full = os.open('/work/full', os.O_RDWR | os.O_CREAT)
try:
  while True: os.write(full, b'x' * 1048576)
except OSError: print('full')
for at in range(0, 60 << 20, 4096): m[at] = 1`,
    expected: { ...endsWithSignal('SIGBUS'), stdout: 'full\n' },
  },
  {
    name: 'the output of a compiler cannot exceed the disk',
    language: 'c',
    code: 'char large[1 << 30] = { 1 };\nint main(void) { return 0; }',
    timeout: LONG,
    expected: { verdict: 'COMPILE_ERROR', stdout: '' },
  },
  {
    name: 'no core is dumped',
    language: 'bash',
    code: 'exec 2> /dev/null; ulimit -c unlimited; for d in /work /tmp /dev/shm; do (cd $d; bash -c "kill -ABRT \\$\\$"; kill -SEGV $BASHPID); ls -A $d; done; echo looked',
    expected: printsLines('looked'),
  },
  {
    name: 'a removed file that is still open is freed after the run',
    language: 'bash',
    code: 'cd /tmp; head -c 30M /dev/zero > f; (exec 3< f; rm f; exec sleep MARKER) & wait -n -f 2> /dev/null & sleep 0.1; echo done',
    expected: printsLines('done'),
  },
];

const NUMBERS: readonly EscapeProgram[] = [
  {
    name: 'creating empty files reaches a limit',
    language: 'c',
    code: cMain(
      'SAY("started"); char name[40]; for (long n = 0; ; n++) { snprintf(name, 40, "/work/%ld", n); int f = open(name, O_CREAT | O_WRONLY, 0600); if (f < 0) { ATTEMPT("file", -1); break; } close(f); }',
    ),
    timeout: LONG,
    expected: {
      verdict: 'OK',
      stdout: 'started\nfile ENOSPC\n',
    },
  },
  {
    name: 'creating directories reaches a limit',
    language: 'c',
    code: cMain(
      'SAY("started"); char name[40]; for (long n = 0; ; n++) { snprintf(name, 40, "/tmp/%ld", n); if (mkdir(name, 0700) < 0) { ATTEMPT("directory", -1); break; } }',
    ),
    timeout: LONG,
    expected: {
      verdict: 'OK',
      stdout: 'started\ndirectory ENOSPC\n',
    },
  },
  {
    name: 'creating links reaches a limit',
    language: 'perl',
    code: '$| = 1; print "started\\n"; my $x = "x" x 4000; for (my $n = 0; symlink $x, "/dev/shm/$n"; $n++) {} print "$!\\n"',
    timeout: LONG,
    expected: {
      verdict: 'OK',
      stdout: 'started\nNo space left on device\n',
    },
  },
  {
    name: 'setting file attributes reaches a limit',
    language: 'python',
    code: `${PYTHON}
f = os.open('/work/f', os.O_CREAT | os.O_RDWR)
try:
  for n in range(1000000): os.setxattr(f, 'user.%d' % n, b'x' * 4000)
except OSError as e: print(e.errno in (errno.ENOSPC, errno.EOPNOTSUPP, errno.ENOMEM))`,
    timeout: LONG,
    expected: endsWithOneOf('MEMORY_LIMIT', 'OK'),
  },
  {
    name: 'opening descriptors reaches a limit',
    language: 'python',
    code: `${PYTHON}
try: opened = [os.dup(0) for _ in range(100000)]
except OSError as e: print(errno.errorcode[e.errno], os.dup2(0, 1023))
attempt('more', lambda: os.dup2(0, 1024))`,
    expected: printsLines('EMFILE 1023', 'more EBADF'),
  },
];

const SHAPES: readonly EscapeProgram[] = [
  {
    name: 'ten thousand nested directories do not prevent the cleanup',
    language: 'c',
    code: cMain(
      'chdir("/work"); int n = 0; while (n < 10000 && mkdir("d", 0700) == 0 && chdir("d") == 0) n++; printf("%d\\n", n);',
    ),
    expected: printsLines('10000'),
  },
  {
    name: 'file names of arbitrary bytes do not prevent the cleanup',
    language: 'perl',
    code: 'chdir "/work"; for ("a\\nb", "\\xff\\xfe", "x" x 255, "-rf", " ", "*", "\\$(id)", "\\x01\\x7f", "..."," ..") { mkdir $_ or die; open my $f, ">", "$_/$_" or die } opendir my $d, "."; print scalar(grep { !/^\\.\\.?$/ } readdir $d), "\\n"; print mkdir("x" x 256) ? "made" : $!, "\\n"',
    expected: printsLines('10', 'File name too long'),
  },
  {
    name: 'restrictive permissions do not prevent the cleanup',
    language: 'python',
    code: `${PYTHON}
os.makedirs('/work/a/b/c')
for path in '/work/a/b/c', '/work/a/b', '/work/a': os.chmod(path, 0)
for path in '/work', '/tmp', '/dev/shm': os.chmod(path, 0)
attempt('listing', lambda: os.listdir('/work'))`,
    expected: printsErrors({ listing: 'EACCES' }),
  },
  {
    name: 'a work directory replaced by a link is not followed by the cleanup',
    language: 'bash',
    code: 'cd /work && for target in / /usr /app /proc /dev/shm ../../..; do ln -s $target "l$(ls | wc -l)"; done; ls | wc -l; mv /work /work2 2>&1 | grep -c -i -E "busy|read-only|denied"; rmdir /work 2> /dev/null || echo stays',
    expected: printsLines('6', '1', 'stays'),
  },
];

describe('file sizes', () => {
  testEscapePrograms(SIZES);
});
describe('numbers of files', () => {
  testEscapePrograms(NUMBERS);
});
describe('numbers of files without a cgroup', () => {
  testEscapePrograms(NUMBERS, { ENGINE_ACCOUNTING: 'rusage' });
});
describe('shapes of directory trees', () => {
  testEscapePrograms(SHAPES);
});

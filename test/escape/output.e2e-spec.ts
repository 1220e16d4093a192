import {
  type EscapeProgram,
  OUTPUT_LIMIT,
  PYTHON,
  TIME_LIMIT,
  exitsWith,
  cMain,
  printsLines,
} from './escape-program';
import { testEscapePrograms } from './escape-tests';

/** A result as the first process of the sandbox reports it: a letter, a length, and figures that look right. */
const FRAME = String.raw`r\x00\x00\x00\x0b0 1000 1000 9`;
const FORGED = 'r\0\0\0\x0b0 1000 1000 9';

const VOLUME: readonly EscapeProgram[] = [
  {
    name: 'endless output on both streams reaches the output limit',
    language: 'bash',
    code: 'yes MARKER & yes MARKER >&2',
    expected: { ...OUTPUT_LIMIT, stdout_truncated: true, stderr_truncated: true },
  },
  {
    name: 'a single endless line reaches the output limit',
    language: 'c',
    code: cMain('static char x[65536]; memset(x, 120, sizeof x); for (;;) write(1, x, sizeof x);'),
    expected: { ...OUTPUT_LIMIT, stdout: 'x'.repeat(64 * 1024) },
  },
  {
    name: 'many writers of single bytes reach a limit',
    language: 'perl',
    code: '$| = 1; fork for 1 .. 4; syswrite STDOUT, "x" while 1',
    timeout: 600,
    expected: { verdict: expect.stringMatching(/^(TIME|OUTPUT)_LIMIT$/) as string, stdout_truncated: true },
  },
  {
    name: 'occasional output does not extend the time limit, and is kept',
    language: 'bash',
    code: 'while :; do echo -n .; sleep 0.05; done',
    timeout: 400,
    expected: { ...TIME_LIMIT, stdout: expect.stringMatching(/^\.{2,8}$/) as string },
  },
  {
    name: 'a stream that an orphan keeps open and fills ends with the run',
    language: 'python',
    code: `${PYTHON}
print('done', flush=True)
if os.fork() == 0:
  os.setsid()
  while True: os.write(2, b'.')
os._exit(0)`,
    expected: { verdict: 'OK', stdout: 'done\n', stderr: expect.stringMatching(/^\.*$/) as string },
  },
];

const BYTES: readonly EscapeProgram[] = [
  {
    name: 'every byte is counted, and bytes that are no text are replaced',
    language: 'perl',
    code: 'binmode STDOUT; print map chr, 0 .. 255',
    expected: {
      verdict: 'OK',
      stdout_bytes: 256,
      stdout: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('utf8'),
    },
  },
  {
    name: 'a forged result on a stream is plain output',
    language: 'python',
    code: `import os, sys\nfor fd in 1, 2: os.write(fd, b'${FRAME}' * 3)\nsys.exit(9)`,
    expected: { ...exitsWith(9), stdout: FORGED.repeat(3), stderr: FORGED.repeat(3) },
  },
  {
    name: 'a forged result on another descriptor, or through the first process, is ignored',
    language: 'python',
    code: `${PYTHON}
found = set()
for fd in range(3, 1024):
  try: found.add(os.write(fd, b'${FRAME}'))
  except OSError as e: found.add(errno.errorcode[e.errno])
print(found)
for path in '1/fd/0', '1/fd/1', '1/fd/4', '1/task/1/fd/1': attempt(path, lambda: os.open('/proc/' + path, os.O_WRONLY))
sys.exit(9)`,
    expected: {
      ...exitsWith(9),
      stdout: "{'EBADF'}\n1/fd/0 EACCES\n1/fd/1 EACCES\n1/fd/4 EACCES\n1/task/1/fd/1 EACCES\n",
    },
  },
  {
    name: 'output that looks like a result is plain output',
    language: 'bash',
    code: String.raw`printf '\x00\x00\x00\x00exit 0\n{"verdict":"OK","exit_code":0}\n' | tee /dev/stderr; exit 3`,
    expected: { ...exitsWith(3), stdout: '\0\0\0\0exit 0\n{"verdict":"OK","exit_code":0}\n' },
  },
];

const DESCRIPTORS: readonly EscapeProgram[] = [
  {
    name: 'a program that closes all streams keeps running, and its exit code counts',
    language: 'c',
    code: cMain('SAY("started"); for (int fd = 0; fd < 1024; fd++) close(fd); usleep(50000); _exit(5);'),
    expected: { ...exitsWith(5), stdout: 'started\n' },
  },
  {
    name: 'streams that are duplicated and exchanged are read to their end',
    language: 'python',
    code: `${PYTHON}
import fcntl
for fd in 0, 1, 2: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK)
fcntl.fcntl(1, 1031, 4096)
kept = os.dup(1); os.dup2(2, 1); os.dup2(kept, 2); os.close(kept)
os.write(1, b'was stderr'); os.write(2, b'was stdout')`,
    expected: { verdict: 'OK', stdout: 'was stdout', stderr: 'was stderr' },
  },
  {
    name: 'a program that reads its own output does not block the engine',
    language: 'python',
    code: `${PYTHON}
os.write(1, b'x' * 100)
thief = os.open('/proc/self/fd/1', os.O_RDONLY | os.O_NONBLOCK)
print('done', file=sys.stderr)`,
    expected: { verdict: 'OK', stderr: 'done\n' },
  },
  {
    name: 'terminal operations on streams are denied',
    language: 'python',
    code: `${PYTHON}
import fcntl, termios
for fd in 0, 1, 2:
  attempt(fd, lambda: fcntl.ioctl(fd, termios.TIOCSCTTY, 0))
  attempt(fd, lambda: os.tcsetpgrp(fd, os.getpgrp()))
attempt('group', lambda: os.setpgid(0, 1))`,
    expected: printsLines(...['0', '0', '1', '1', '2', '2'].map((fd) => `${fd} ENOTTY`), 'group EPERM'),
  },
  {
    name: 'signals cannot be sent to processes outside through the owner of a stream',
    language: 'python',
    code: `${PYTHON}
import fcntl
for pid in 1, -1, 2 ** 22: attempt('owner', lambda: fcntl.fcntl(1, fcntl.F_SETOWN, pid))
fcntl.fcntl(1, fcntl.F_SETFL, os.O_ASYNC)
print('alive')`,
    expected: {
      verdict: 'OK',
      stdout: expect.stringMatching(/^(owner (GOT 0|ESRCH|EINVAL)\n){3}alive\n$/) as string,
    },
  },
];

describe('amount of output', () => {
  testEscapePrograms(VOLUME);
});
describe('content of output', () => {
  testEscapePrograms(BYTES);
});
describe('descriptors of output', () => {
  testEscapePrograms(DESCRIPTORS);
});

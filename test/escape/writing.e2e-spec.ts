import { type EscapeProgram, PYTHON, exitsWith, cMain, printsLines, printsErrors } from './escape-program';
import { testEscapePrograms } from './escape-tests';

const WRITING: readonly EscapeProgram[] = [
  {
    name: 'files outside the sandbox cannot be hard-linked into it',
    language: 'python',
    code: `${PYTHON}
for path in '/usr/bin/perl', '/etc/passwd', '/app/main.py', '/.sandbox/supervisor.pl', '/proc/1/status':
  attempt(path, lambda: os.link(path, '/work/own'))`,
    expected: printsErrors({
      '/usr/bin/perl': 'EXDEV',
      '/etc/passwd': 'EXDEV',
      '/app/main.py': 'EXDEV',
      '/.sandbox/supervisor.pl': 'EXDEV',
      '/proc/1/status': 'EXDEV',
    }),
  },
  {
    name: 'a program cannot change, move or remove its own code',
    language: 'python',
    code: `${PYTHON}
attempt('write', lambda: open('/app/new', 'w'))
attempt('remove', lambda: os.remove('/app/main.py'))
attempt('rename', lambda: os.rename('/app', '/work/app'))
attempt('link', lambda: os.symlink('/etc', '/app/link'))
attempt('fifo', lambda: os.mkfifo('/app/fifo'))
attempt('mode', lambda: os.chmod('/app/main.py', 0o777))
attempt('directory', lambda: os.chmod('/app', 0o777))
attempt('owner', lambda: os.chown('/app', 1000, 1000))
attempt('time', lambda: os.utime('/app/main.py'))
attempt('attribute', lambda: os.setxattr('/app/main.py', 'user.x', b'x'))`,
    expected: printsErrors({
      write: 'EROFS',
      remove: 'EROFS',
      rename: 'EXDEV',
      link: 'EROFS',
      fifo: 'EROFS',
      mode: 'EROFS',
      directory: 'EROFS',
      owner: 'EROFS',
      time: 'EROFS',
      attribute: 'EROFS',
    }),
  },
  {
    name: 'standard input cannot be written, and reopening its file gives no more space than an input',
    language: 'python',
    code: `${PYTHON}
attempt('descriptor', lambda: os.write(0, b'x'))
print('read', sys.stdin.read())
size = os.statvfs(0).f_blocks * os.statvfs(0).f_frsize
def fill():
  again = os.open('/proc/self/fd/0', os.O_RDWR | os.O_TRUNC)
  while os.write(again, b'x' * 65536): pass
attempt('fill', fill)
print(os.fstat(0).st_nlink, os.fstat(0).st_size <= size <= 1 << 20)
attempt('name', lambda: os.link('/proc/self/fd/0', '/work/own', follow_symlinks=True))
attempt('place', lambda: os.listdir('/proc/self/fd/0/..'))
os.chmod('/proc/self/fd/0', 0o4777)
attempt('program', lambda: os.execv('/proc/self/fd/0', ['x']))`,
    input: 'kept',
    expected: printsLines(
      ...['descriptor EBADF', 'read kept', 'fill ENOSPC', '0 True'],
      ...['name EXDEV', 'place ENOTDIR', 'program EACCES'],
    ),
  },
  {
    // The user of the engine owns the files that it stores: a program could reopen such a file and write to the disk of the host.
    name: 'standard input is not a file of the host',
    language: 'python',
    code: "import os\nprint('WORK_DIR' in os.readlink('/proc/self/fd/0'), input())",
    input: 'kept',
    expected: printsLines('False kept'),
  },
  {
    name: 'links, pipes, and locked or deep directories in the work directory do not delay the cleanup',
    language: 'bash',
    code: 'cd /work; ln -s / root; ln -s . self; ln -s /dev/zero zero; mkfifo fifo; mkdir -p locked/in; ln -s /proc proc; chmod 0 locked; mkdir -- "-rf" "*"; (exec 3<> fifo; exec sleep MARKER) & ls | wc -l',
    expected: printsLines('8'),
  },
  {
    name: 'a setuid program runs as the same user',
    language: 'bash',
    code: 'cp /usr/bin/id /usr/bin/cat /tmp; chmod 6755 /tmp/id /tmp/cat; /tmp/id -u; /tmp/id -g; /tmp/cat /proc/self/status | grep -E "^(NoNewPrivs|CapEff|CapPrm|CapBnd|CapAmb)"',
    expected: printsLines(
      ...[
        '1000',
        '1000',
        'CapPrm:\t0000000000000000',
        'CapEff:\t0000000000000000',
        'CapBnd:\t0000000000000000',
      ],
      ...['CapAmb:\t0000000000000000', 'NoNewPrivs:\t1'],
    ),
  },
  {
    name: 'setuid root programs of the system grant no privileges',
    language: 'bash',
    code: 'for program in "su -c id" "su root -c id" "mount -t tmpfs none /tmp" "umount /proc" "newgrp root" "chsh -s /bin/bash" "passwd -d root"; do $program < /dev/null > /dev/null 2>&1 && echo "$program"; done; id -u; exit 7',
    expected: { ...exitsWith(7), stdout: '1000\n' },
  },
  {
    name: 'no user, group or capability can be acquired',
    language: 'c',
    code: cMain(`ATTEMPT("setuid", setuid(0)); ATTEMPT("setresuid", setresuid(0, 0, 0)); ATTEMPT("setgid", setgid(0));
ATTEMPT("host", setuid(65534)); gid_t none = 0; ATTEMPT("setgroups", syscall(SYS_setgroups, 1, &none));
uint32_t header[2] = { 0x20080522, 0 }, all[6] = { ~0u, ~0u, 0, ~0u, ~0u, 0 }; ATTEMPT("capset", syscall(SYS_capset, header, all));
ATTEMPT("chown", chown("/work", 0, 0)); ATTEMPT("bounding", prctl(PR_CAPBSET_DROP, 0, 0, 0, 0));`),
    expected: printsErrors({
      setuid: 'EINVAL',
      setresuid: 'EINVAL',
      setgid: 'EINVAL',
      host: 'EINVAL',
      setgroups: 'EPERM',
      capset: 'EPERM',
      chown: 'EINVAL',
      bounding: 'EPERM',
    }),
  },
];

describe('writing files and gaining privileges', () => {
  testEscapePrograms(WRITING);
});

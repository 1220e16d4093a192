import { type EscapeProgram, PYTHON, printsLines, printsErrors } from './escape-program';
import { testEscapePrograms } from './escape-tests';

const HOST =
  '/etc/shadow /etc/gshadow /etc/ssh /root /home /var /run /srv /mnt /media /boot /sys DATA_DIR WORK_DIR';

const READING: readonly EscapeProgram[] = [
  {
    name: 'accounts, home directories, services and data of the host do not exist',
    language: 'bash',
    code: `for path in ${HOST}; do [ -e "$path" ] && ls -lR "$path"; done; echo looked`,
    expected: printsLines('looked'),
  },
  {
    name: 'a link out of the work directory reaches nothing of the host',
    language: 'perl',
    code: 'for ("/etc/shadow", "DATA_DIR/jobs.db", "WORK_DIR/runs", "/proc/1/root/etc/passwd", "/proc/1/cwd") { unlink "/work/link"; symlink $_, "/work/link" or die; print open(my $file, "<", "/work/link") ? "GOT" : $!, "\\n" }',
    expected: printsLines(
      ...Array<string>(3).fill('No such file or directory'),
      'Permission denied',
      'Permission denied',
    ),
  },
  {
    name: 'the root, memory and descriptors of the first process cannot be read',
    language: 'python',
    code: `${PYTHON}
for name in 'root', 'cwd', 'exe': attempt(name, lambda: os.readlink('/proc/1/' + name))
for name in 'fd', 'fdinfo', 'map_files', 'root/': attempt(name, lambda: os.listdir('/proc/1/' + name))
for name in 'mem', 'environ', 'maps', 'auxv', 'stack', 'syscall', 'pagemap': attempt(name, lambda: open('/proc/1/' + name, 'rb').read(64))
for name in 'pid', 'mnt', 'net', 'user': attempt(name, lambda: os.open('/proc/1/ns/' + name, os.O_RDONLY))`,
    expected: printsErrors({
      root: 'EACCES',
      cwd: 'EACCES',
      exe: 'EACCES',
      fd: 'EACCES',
      fdinfo: 'EACCES',
      map_files: 'EACCES',
      'root/': 'EACCES',
      mem: 'EACCES',
      environ: 'EACCES',
      maps: 'EACCES',
      auxv: 'EACCES',
      stack: 'EACCES',
      syscall: 'EACCES',
      pagemap: 'EACCES',
      pid: 'EACCES',
      mnt: 'EACCES',
      net: 'EACCES',
      user: 'EACCES',
    }),
  },
  {
    name: 'files of other runs do not exist',
    language: 'bash',
    code: 'ls -A /app /work /tmp /dev/shm; ls /cache /app/.. 2>&1 | grep -v -x -e app -e bin -e sbin -e lib -e lib32 -e lib64 -e usr -e etc -e proc -e dev -e tmp -e work',
    expected: {
      verdict: 'OK',
      stdout:
        "/app:\nmain.sh\n\n/dev/shm:\n\n/tmp:\n\n/work:\nls: cannot access '/cache': No such file or directory\n/app/..:\n",
    },
  },
];

describe('reading files of others', () => {
  testEscapePrograms(READING);
});

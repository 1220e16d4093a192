/** What a program sees and reaches of the system around it: nothing of this host, and no way to the service. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { bothWays } from './support/both-ways';
import { runClean } from './support/left-over';
import { PRINT_ENVIRONMENT, PRINT_PROCESSES } from './support/programs';

/** keyctl, add_key, bpf, io_uring_setup, userfaultfd */
const REFUSED_CALLS = process.arch === 'arm64' ? '219, 217, 280, 425, 282' : '250, 248, 321, 425, 323';

/** Tries to write to each path that standard input names, and prints those where it could. */
const WRITERS: readonly (readonly [string, string])[] = [
  [
    'python',
    'import sys\nfor p in sys.stdin.read().split():\n  for flags in "ab", "wb":\n    try: open(p, flags).write(b"x") and print(p, flags)\n    except OSError: pass',
  ],
  [
    'bash',
    'while read -r p; do (echo x > "$p") 2> /dev/null && echo "$p"; mkdir "$p.d" 2> /dev/null && echo "$p.d"; done; exit 0',
  ],
  [
    'javascript',
    'const fs = require("fs"); for (const p of fs.readFileSync(0, "utf8").trim().split("\\n")) { try { fs.writeFileSync(p, "x"); console.log(p) } catch {} try { fs.symlinkSync("/etc", p + ".l"); console.log(p + ".l") } catch {} }',
  ],
];
const FORBIDDEN = [
  ...[
    '/x',
    '/dev/x',
    '/app/x',
    '/usr/x',
    '/usr/local/x',
    '/usr/local/bin/x',
    '/usr/bin/perl',
    '/etc/x',
    '/etc/passwd',
  ],
  ...[
    '/bin/x',
    '/lib/x',
    '/proc/x',
    '/proc/sys/kernel/hostname',
    '/proc/sysrq-trigger',
    '/proc/1/oom_score_adj',
  ],
  ...[
    '/proc/1/mem',
    '/proc/1/fd/1',
    '/sys/x',
    '/dev/pts/x',
    '/var/x',
    '/run/x',
    '/root/x',
    '/home/x',
    '/cache/x',
  ],
  ...['/.supervisor.pl', '/app/main.py', '/app/main.sh', '/app/main.js', '/dev/null/x', '/dev/tty'],
];

bothWays({}, (gateway) => {
  it.each([
    ['python', 'print(open("/etc/passwd").read(), end="")'],
    ['bash', 'cat /etc/passwd'],
    ['javascript', 'process.stdout.write(require("fs").readFileSync("/etc/passwd"))'],
  ])('%s reads accounts that are not those of the host', async (language, code) => {
    const { stdout } = await runClean(gateway().api, language, code);
    expect(stdout).toBe('sandbox:x:1000:1000::/work:/bin/sh\n');
    expect(readFileSync('/etc/passwd', 'utf8')).not.toContain(stdout);
  });

  it.each(PRINT_ENVIRONMENT)('%s has an environment of its own', async (language, code) => {
    const { stdout } = await runClean(gateway().api, language, code);
    const names = stdout?.split('\n').map((line) => line.split('=')[0]);
    expect(names?.filter((name) => name !== '' && name !== 'PWD')).toEqual([
      'HOME',
      'LANG',
      'PATH',
      'TMPDIR',
      'TZ',
    ]);
  });

  it.each(PRINT_PROCESSES)('%s sees no other processes than its own', async (language, code) => {
    const { stdout } = await runClean(gateway().api, language, code);
    expect(stdout).toContain('/app/main.');
    expect(stdout).not.toContain('jest');
    expect(stdout).not.toContain('bwrap');
    expect(stdout).not.toContain('engine');
  });

  it.each([
    [
      'python',
      'import os\nprint(*sorted(os.listdir("/proc/self/fd"), key=int)[:-1], os.path.exists("/proc/self/fd/9"))',
      '0 1 2 False\n',
    ],
    ['perl', 'opendir my $d, "/proc/self/fd"; print join(" ", sort grep { /\\d/ } readdir $d)', '0 1 2 3'],
  ])('%s has its three descriptors and those that it opens itself', async (language, code, expected) => {
    const { stdout } = await runClean(gateway().api, language, code);
    expect(stdout).toBe(expected);
  });

  it.each([
    [
      'python',
      'import socket, sys\nfor a in sys.stdin.read().split():\n  host, port = a.split("|")\n  try: socket.create_connection((host, int(port)), 1); print("connected", a)\n  except OSError as e: print("refused")',
    ],
    [
      'bash',
      'while IFS="|" read -r host port; do (exec 3<> "/dev/tcp/$host/$port") 2> /dev/null && echo connected || echo refused; done',
    ],
    [
      'javascript',
      'const net = require("net"); for (const a of require("fs").readFileSync(0, "utf8").trim().split("\\n")) { const [host, port] = a.split("|"); net.connect(+port, host, () => console.log("connected")).on("error", () => console.log("refused")) }',
    ],
  ])('%s opens no socket to the gateway, on any address of this host', async (language, code) => {
    const { api } = gateway();
    const { port } = new URL(api.url);
    const hosts = Object.values(networkInterfaces()).flatMap(
      (all) => all?.map(({ address }) => address) ?? [],
    );
    const input = hosts.map((host) => `${host}|${port}\n`).join('');
    const job = await runClean(api, language, code, { input });
    expect(hosts).toContain('127.0.0.1');
    expect(job).toMatchObject({ verdict: 'OK', stdout: 'refused\n'.repeat(hosts.length) });
  });

  it.each([
    [
      'python',
      'import socket\nfor family in socket.AF_VSOCK, socket.AF_ALG, socket.AF_PACKET:\n  try: socket.socket(family, socket.SOCK_STREAM if family == socket.AF_VSOCK else socket.SOCK_SEQPACKET); print(family)\n  except OSError: pass',
    ],
    ['perl', 'for (40, 38, 17) { socket(my $s, $_, $_ == 40 ? 1 : 5, 0) and print "$_\\n" }'],
  ])('%s opens no socket of a kind that a network namespace does not hold', async (language, code) => {
    expect(await runClean(gateway().api, language, code)).toMatchObject({ verdict: 'OK', stdout: '' });
  });

  it.each([
    [
      'python',
      'import os, resource\nfor name, call in ("prlimit", lambda: resource.prlimit(1, resource.RLIMIT_AS, (1, 1))), ("memfd", lambda: os.memfd_create("x")), ("kill", lambda: os.kill(1, 9)):\n  try: call(); print(name)\n  except OSError: pass',
      'kill\n',
    ],
    [
      'perl',
      `print syscall($_, 0, 0, 0, 0, 0), " $!\\n" for ${REFUSED_CALLS}`,
      '-1 Function not implemented\n'.repeat(5),
    ],
  ])(
    '%s makes no call that no namespace holds, and cannot end its supervisor',
    async (language, code, stdout) => {
      expect(await runClean(gateway().api, language, code)).toMatchObject({
        verdict: 'OK',
        exit_code: 0,
        stdout,
      });
    },
  );

  it.each(WRITERS)('%s writes nowhere outside its directories', async (language, code) => {
    const input = `${FORBIDDEN.join('\n')}\n`;
    expect(await runClean(gateway().api, language, code, { input })).toMatchObject({
      verdict: 'OK',
      stdout: '',
    });
  });

  it.each(WRITERS)(
    '%s writes to its own directories, and the next run finds nothing there',
    async (language, code) => {
      const paths = ['/work/kept', '/tmp/kept', '/dev/shm/kept'];
      const input = `${paths.join('\n')}\n`;
      const { stdout } = await runClean(gateway().api, language, code, { input });
      for (const path of paths) expect(stdout).toContain(path);
      const next = await runClean(gateway().api, 'bash', 'ls -A /work /tmp /dev/shm');
      expect(next.stdout).toBe('/dev/shm:\n\n/tmp:\n\n/work:\n');
    },
  );
});

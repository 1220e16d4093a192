import { readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { SECCOMP_DENYLIST } from '../src/engine/sandbox/seccomp-denylist';
import { describeEachDeployment } from './support/each-deployment';
import { runWithoutLeftovers } from './support/leftovers';
import { PRINT_ENVIRONMENT, PRINT_PROCESSES } from './support/misbehaving-programs';

/** Names of the namespaces in /proc/self/ns. */
const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];

/** Every system call that is denied regardless of its arguments: name, number on this architecture, and errno. */
const DENIED_SYSCALLS = SECCOMP_DENYLIST.flatMap(({ syscalls, errno }) =>
  Object.entries(syscalls).flatMap(([name, numbers]) => {
    const number = process.arch === 'arm64' ? numbers[1] : numbers[0];
    return number === undefined ? [] : [{ name, number, error: errno === 'EPERM' ? 1 : 38 }];
  }),
);

/** Try to write to each path on standard input, and print those where it succeeded. */
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

/** Start a thread, start a process, and connect to an own socket. */
const BUSY: readonly (readonly [string, string])[] = [
  [
    'python',
    'import concurrent.futures, multiprocessing, socket\ndef f(x): return x\nif __name__ == "__main__":\n  with concurrent.futures.ThreadPoolExecutor() as pool: print(pool.submit(f, "thread").result())\n  with multiprocessing.Pool(2) as pool: print(pool.apply(f, ["process"]))\n  with socket.create_server(("localhost", 0)) as s, socket.create_connection(s.getsockname()): print("socket")',
  ],
  [
    'javascript',
    'const { Worker } = require("worker_threads"); const net = require("net"); new Worker("require(\'worker_threads\').parentPort.postMessage(\'thread\')", { eval: true }).on("message", (text) => { console.log(text); process.stdout.write(require("child_process").execSync("echo process")); const s = net.createServer((c) => c.end()).listen(0, "localhost", () => net.connect(s.address().port, "localhost", () => { console.log("socket"); s.close() })) })',
  ],
  [
    'java',
    'import java.net.*;\npublic class Main { public static void main(String[] a) throws Exception { Thread t = new Thread(() -> System.out.println("thread")); t.start(); t.join(); new ProcessBuilder("echo", "process").inheritIO().start().waitFor(); try (ServerSocket s = new ServerSocket(0); Socket c = new Socket("localhost", s.getLocalPort())) { System.out.println("socket"); } } }',
  ],
  [
    'c',
    '#include <netinet/in.h>\n#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <sys/socket.h>\nvoid *f(void *x) { puts("thread"); return x; }\nint main(void) { pthread_t t; pthread_create(&t, 0, f, 0); pthread_join(t, 0); fflush(stdout); system("echo process"); struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}; socklen_t n = sizeof a; int s = socket(AF_INET, SOCK_STREAM, 0); if (bind(s, (struct sockaddr *)&a, n) || listen(s, 1) || getsockname(s, (struct sockaddr *)&a, &n) || connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&a, n)) return 1; puts("socket"); }',
  ],
  [
    'go',
    'package main\nimport ("fmt"; "net"; "os"; "os/exec"; "runtime")\nfunc main() { done := make(chan bool); go func() { runtime.LockOSThread(); fmt.Println("thread"); done <- true }(); <-done; c := exec.Command("echo", "process"); c.Stdout = os.Stdout; c.Run(); l, err := net.Listen("tcp", "localhost:0"); if err != nil { panic(err) }; if _, err = net.Dial("tcp", l.Addr().String()); err != nil { panic(err) }; fmt.Println("socket") }',
  ],
  [
    'ruby',
    'require "socket"; $stdout.sync = true; Thread.new { puts "thread" }.join; system "echo process"; s = TCPServer.new("localhost", 0); TCPSocket.new("localhost", s.addr[1]); puts "socket"',
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

describeEachDeployment({}, (gateway) => {
  it.each([
    ['python', 'print(open("/etc/passwd").read(), end="")'],
    ['bash', 'cat /etc/passwd'],
    ['javascript', 'process.stdout.write(require("fs").readFileSync("/etc/passwd"))'],
  ])('a %s program sees accounts that are not those of the host', async (language, code) => {
    const { stdout } = await runWithoutLeftovers(gateway().api, language, code);
    expect(stdout).toBe('sandbox:x:1000:1000::/work:/bin/sh\n');
    expect(readFileSync('/etc/passwd', 'utf8')).not.toContain(stdout);
  });

  it.each(PRINT_ENVIRONMENT)(
    'a %s program has only the environment of its sandbox',
    async (language, code) => {
      const { stdout } = await runWithoutLeftovers(gateway().api, language, code);
      const names = stdout?.split('\n').map((line) => line.split('=')[0]);
      expect(names?.filter((name) => name !== '' && name !== 'PWD')).toEqual([
        'HOME',
        'LANG',
        'PATH',
        'TMPDIR',
        'TZ',
      ]);
    },
  );

  it.each(PRINT_PROCESSES)('a %s program sees only its own processes', async (language, code) => {
    const { stdout } = await runWithoutLeftovers(gateway().api, language, code);
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
  ])('a %s program inherits only the three standard descriptors', async (language, code, expected) => {
    const { stdout } = await runWithoutLeftovers(gateway().api, language, code);
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
  ])('a %s program cannot connect to the gateway, on any address of this host', async (language, code) => {
    const { api } = gateway();
    const { port } = new URL(api.url);
    const hosts = Object.values(networkInterfaces()).flatMap(
      (all) => all?.map(({ address }) => address) ?? [],
    );
    const input = hosts.map((host) => `${host}|${port}\n`).join('');
    const job = await runWithoutLeftovers(api, language, code, { input });
    expect(hosts).toContain('127.0.0.1');
    expect(job).toMatchObject({ verdict: 'OK', stdout: 'refused\n'.repeat(hosts.length) });
  });

  it.each([
    [
      'python',
      'import socket\nfor family in socket.AF_VSOCK, socket.AF_ALG, socket.AF_PACKET:\n  try: socket.socket(family, socket.SOCK_STREAM if family == socket.AF_VSOCK else socket.SOCK_SEQPACKET); print(family)\n  except OSError: pass',
    ],
    ['perl', 'for (40, 38, 17) { socket(my $s, $_, $_ == 40 ? 1 : 5, 0) and print "$_\\n" }'],
  ])('a %s program cannot open sockets that a network namespace does not confine', async (language, code) => {
    expect(await runWithoutLeftovers(gateway().api, language, code)).toMatchObject({
      verdict: 'OK',
      stdout: '',
    });
  });

  it('a python program cannot change the limits of its supervisor, end it, or allocate memory that outlives its processes', async () => {
    const code =
      'import os, resource\nfor name, call in ("prlimit", lambda: resource.prlimit(1, resource.RLIMIT_AS, (1, 1))), ("memfd", lambda: os.memfd_create("x")), ("kill", lambda: os.kill(1, 9)):\n  try: call(); print(name)\n  except OSError: pass';
    const job = await runWithoutLeftovers(gateway().api, 'python', code);
    expect(job).toMatchObject({ verdict: 'OK', exit_code: 0, stdout: 'kill\n' });
  });

  it('a perl program gets the documented error of each denied system call', async () => {
    const code =
      'while (<STDIN>) { my ($name, $n) = split; $! = 0; my $is = syscall($n + 0, 0, 0, 0, 0, 0, 0); print "$name $is ", $! + 0, "\\n" }';
    const input = DENIED_SYSCALLS.map(({ name, number }) => `${name} ${number.toString()}\n`).join('');
    const { stdout } = await runWithoutLeftovers(gateway().api, 'perl', code, { input });
    expect(stdout).toBe(
      DENIED_SYSCALLS.map(({ name, error }) => `${name} -1 ${error.toString()}\n`).join(''),
    );
  });

  it('a python program cannot create a namespace with clone, nor a socket that makes the kernel load a module', async () => {
    const code = `import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
clone = ${process.arch === 'arm64' ? '220' : '56'}
for flag in 0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000:
  print(libc.syscall(clone, flag | 17, 0, 0, 0, 0), ctypes.get_errno())
for family, kind, protocol in (2, 1, 132), (10, 1, 262), (2, 6, 0), (16, 3, 12):
  try: print(socket.socket(family, kind, protocol))
  except OSError as e: print(e.strerror)`;
    const { stdout } = await runWithoutLeftovers(gateway().api, 'python', code);
    expect(stdout).toBe('-1 1\n'.repeat(7) + 'Protocol not supported\n'.repeat(4));
  });

  it('a bash program has no capability, cannot gain one, and shares no namespace with the service', async () => {
    const code = `grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status
for name in ${NAMESPACES.join(' ')}; do readlink /proc/self/ns/$name; done`;
    const { stdout } = await runWithoutLeftovers(gateway().api, 'bash', code);
    const lines = stdout?.trimEnd().split('\n') ?? [];
    const none = '0'.repeat(16);
    expect(lines.slice(0, 7)).toEqual([
      ...['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => `${name}:\t${none}`),
      ...['NoNewPrivs:\t1', 'Seccomp:\t2'],
    ]);
    const theirs = lines.slice(7);
    expect(theirs.map((line) => line.split(':')[0])).toEqual(NAMESPACES);
    for (const name of NAMESPACES) expect(theirs).not.toContain(readlinkSync(`/proc/self/ns/${name}`));
  });

  it.each(BUSY)(
    'a %s program can start threads and processes and connect to itself',
    async (language, code) => {
      const job = await runWithoutLeftovers(gateway().api, language, code, { timeout: 15_000 });
      expect(job).toMatchObject({ verdict: 'OK', stdout: 'thread\nprocess\nsocket\n' });
    },
  );

  it.each(WRITERS)('a %s program cannot write outside its directories', async (language, code) => {
    const input = `${FORBIDDEN.join('\n')}\n`;
    expect(await runWithoutLeftovers(gateway().api, language, code, { input })).toMatchObject({
      verdict: 'OK',
      stdout: '',
    });
  });

  it.each(WRITERS)(
    'a %s program can write to its own directories, which are empty for the next run',
    async (language, code) => {
      const paths = ['/work/kept', '/tmp/kept', '/dev/shm/kept'];
      const input = `${paths.join('\n')}\n`;
      const { stdout } = await runWithoutLeftovers(gateway().api, language, code, { input });
      for (const path of paths) expect(stdout).toContain(path);
      const next = await runWithoutLeftovers(gateway().api, 'bash', 'ls -A /work /tmp /dev/shm');
      expect(next.stdout).toBe('/dev/shm:\n\n/tmp:\n\n/work:\n');
    },
  );
});

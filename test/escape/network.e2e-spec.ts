import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { rmSync } from 'node:fs';
import { type EscapeProgram, C, PYTHON, cMain, printsLines, printsErrors } from './escape-program';
import { testEscapePrograms } from './escape-tests';

/** Sockets of this host, by path and by abstract name, that a program may look for. */
const PATH = join(tmpdir(), `service-server-escape-${process.pid.toString()}.sock`);
const ABSTRACT = `service-server-escape-${process.pid.toString()}`;
let servers: Server[] = [];
beforeAll(async () => {
  servers = [PATH, `\0${ABSTRACT}`].map((path) => createServer().listen(path));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
});
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(PATH, { force: true });
});

const FAMILIES: readonly EscapeProgram[] = [
  {
    name: 'only socket families that a network namespace confines are available',
    language: 'c',
    code: cMain(
      `for (int family = 0; family < 64; family++) for (int type = 1; type <= 5; type++) { int fd = socket(family, type, 0); if (fd >= 0) { printf("%d %d\\n", family, type); close(fd); } }`,
    ),
    // UNIX: stream, datagram (twice), sequenced; INET and INET6: stream, datagram; NETLINK: datagram, raw.
    expected: printsLines(...['1 1', '1 2', '1 3', '1 5', '2 1', '2 2', '10 1', '10 2', '16 2', '16 3']),
  },
  {
    name: 'raw, packet, hypervisor, crypto and radio sockets are denied with an error',
    language: 'python',
    code: `${PYTHON}
for name in 'AF_PACKET', 'AF_VSOCK', 'AF_ALG', 'AF_BLUETOOTH', 'AF_CAN', 'AF_TIPC', 'AF_RDS', 'AF_QIPCRTR', 'AF_KEY':
  attempt(name, lambda: socket.socket(getattr(socket, name, 15), socket.SOCK_DGRAM))
for family in socket.AF_INET, socket.AF_INET6: attempt('raw', lambda: socket.socket(family, socket.SOCK_RAW, 1))`,
    expected: {
      verdict: 'OK',
      stdout: `${['PACKET', 'VSOCK', 'ALG', 'BLUETOOTH', 'CAN', 'TIPC', 'RDS', 'QIPCRTR', 'KEY'].map((name) => `AF_${name} EAFNOSUPPORT\n`).join('')}raw EPROTONOSUPPORT\nraw EPROTONOSUPPORT\n`,
    },
  },
  {
    name: 'socket pairs are available in one family only',
    language: 'c',
    code: cMain(
      'for (int family = 0; family < 64; family++) { int pair[2]; if (family != 1 && socketpair(family, SOCK_STREAM, 0, pair) == 0) printf("%d\\n", family); }\nSAY("tried");',
    ),
    expected: printsLines('tried'),
  },
  {
    name: 'system calls of other architectures do not bypass the filter',
    language: 'c',
    code: `${C}
int main(void) {
#ifdef __x86_64__
  long result; uint32_t *args = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0); args[0] = 40; args[1] = SOCK_STREAM;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(102), "b"(1), "c"(args) : "memory"); printf("%ld\\n", result);
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(359), "b"(40), "c"(SOCK_STREAM), "d"(0) : "memory"); printf("%ld\\n", result);
  printf("%ld\\n", syscall(0x40000000 + SYS_socket, 40, SOCK_STREAM, 0) < 0 ? -(long)errno : 0);
#else
  puts("-38\\n-38\\n-38");
#endif
}`,
    expected: printsLines('-38', '-38', '-38'),
  },
];

const REACHING: readonly EscapeProgram[] = [
  {
    name: 'no address is reachable: neither the gateway, nor cloud metadata, nor the internet',
    language: 'python',
    code: `${PYTHON}
for host in '127.0.0.1', '::1', '169.254.169.254', 'fd00:ec2::254', '8.8.8.8', '10.0.0.1', '172.17.0.1':
  attempt(host, lambda: socket.create_connection((host, 80 if host[0] == '1' and host != '127.0.0.1' else GATEWAY_PORT), 2))`,
    expected: printsErrors({
      '127.0.0.1': 'ECONNREFUSED',
      '::1': 'ECONNREFUSED',
      '169.254.169.254': 'ENETUNREACH',
      'fd00:ec2::254': 'ENETUNREACH',
      '8.8.8.8': 'ENETUNREACH',
      '10.0.0.1': 'ENETUNREACH',
      '172.17.0.1': 'ENETUNREACH',
    }),
  },
  {
    name: 'names cannot be resolved, and datagrams cannot be sent',
    language: 'python',
    code: `${PYTHON}
try: print(socket.getaddrinfo('example.com', 80))
except socket.gaierror as e: print(e.errno in (socket.EAI_AGAIN, socket.EAI_NONAME))
for host in '8.8.8.8', '169.254.169.254', '255.255.255.255', '224.0.0.251':
  with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    attempt(host, lambda: s.sendto(b'x', (host, 53)))`,
    expected: printsLines(
      'True',
      ...['8.8.8.8', '169.254.169.254', '255.255.255.255', '224.0.0.251'].map(
        (host) => `${host} ENETUNREACH`,
      ),
    ),
  },
  {
    name: 'sockets of the host cannot be reached, by path or by abstract name',
    language: 'python',
    code: `${PYTHON}
for path in '${PATH}', '\\0${ABSTRACT}', '/run/docker.sock', '/var/run/docker.sock', '/run/systemd/private', '\\0/containerd-shim':
  with socket.socket(socket.AF_UNIX) as s: attempt(len(path), lambda: s.connect(path))
print(sorted(line.split()[-1] for line in open('/proc/net/unix').readlines()[1:] if len(line.split()) > 7))`,
    expected: {
      verdict: 'OK',
      stdout: expect.stringMatching(
        /^\d+ ENOENT\n\d+ ECONNREFUSED\n\d+ ENOENT\n\d+ ENOENT\n\d+ ENOENT\n\d+ ECONNREFUSED\n\[\]\n$/,
      ) as string,
    },
  },
  {
    name: 'binding the port of the gateway inside the sandbox affects no other process',
    language: 'javascript',
    code: 'require("net").createServer().listen(GATEWAY_PORT, "0.0.0.0", function () { console.log("listens"); this.close() })',
    expected: printsLines('listens'),
  },
  {
    name: 'there is only the loopback device, no open port, and neither can be changed',
    language: 'python',
    code: `${PYTHON}
import fcntl, struct
print(socket.if_nameindex(), [len(open('/proc/net/' + name).readlines()) for name in ('tcp', 'tcp6', 'udp', 'arp', 'route')])
s = socket.socket()
attempt('flags', lambda: fcntl.ioctl(s, 0x8914, struct.pack('16sh14x', b'lo', 0)))
attempt('address', lambda: fcntl.ioctl(s, 0x8916, struct.pack('16sHH4s8x', b'lo', 2, 0, b'\\x0a\\0\\0\\1')))
attempt('mark', lambda: s.setsockopt(socket.SOL_SOCKET, 36, 1))
attempt('force', lambda: s.setsockopt(socket.SOL_SOCKET, 33, 1 << 30))
attempt('transparent', lambda: s.setsockopt(socket.SOL_IP, 19, 1))
n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
n.send(struct.pack('IHHIIBxHiII', 32, 16, 0x605, 1, 0, 0, 0, 0, 0, 0))
print('link', errno.errorcode[-struct.unpack('i', n.recv(4096)[16:20])[0]])`,
    expected: printsLines(
      "[(1, 'lo')] [1, 1, 1, 1, 1]",
      ...['flags EPERM', 'address EPERM', 'mark EPERM', 'force EPERM', 'transparent EPERM', 'link EPERM'],
    ),
  },
  {
    name: 'a port of one run is not reachable from another run',
    language: 'python',
    code: `${PYTHON}
for path in '/tmp/own.sock', '\\0own':
  with socket.socket(socket.AF_UNIX) as s: attempt(len(path), lambda: s.connect(path))
  socket.socket(socket.AF_UNIX).bind(path)`,
    expected: printsLines('13 ENOENT', '4 ECONNREFUSED'),
  },
];

describe('socket families', () => {
  testEscapePrograms(FAMILIES);
});
describe('connections out of the sandbox', () => {
  testEscapePrograms(REACHING);
});

import { existsSync, readFileSync } from 'node:fs';
import { CONDITIONAL_SYSCALLS, NEWEST_SYSCALL, SECCOMP_DENYLIST } from './seccomp-denylist';
import { seccompFilter } from './seccomp-filter';

const [X64, I386, ARM64, ARM] = [0xc000003e, 0x40000003, 0xc00000b7, 0x40000028];
const ARCHITECTURES = [
  { arch: 'x64', at: 0, audit: X64, foreign: [I386, ARM64, ARM] },
  { arch: 'arm64', at: 1, audit: ARM64, foreign: [ARM, X64, I386] },
] as const;
type ConditionalSyscall = keyof typeof CONDITIONAL_SYSCALLS;

const ACTIONS: Readonly<Record<number, string>> = {
  0x7fff0000: 'allow',
  0x00050001: 'EPERM',
  0x00050026: 'ENOSYS',
  0x0005005d: 'EPROTONOSUPPORT',
  0x00050061: 'EAFNOSUPPORT',
};

/** Evaluates classic BPF (linux/filter.h) as seccomp(2) does: it reads every offset from `struct seccomp_data`. */
function evaluate(filter: Buffer, audit: number, number: number, args: readonly number[] = []): string {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(audit, 4);
  // The upper 32 bits must not matter.
  args.forEach((value, at) => data.writeBigUInt64LE(0xdead_beef_0000_0000n + BigInt(value), 16 + 8 * at));
  let loaded = 0;
  for (let at = 0; at * 8 < filter.length; at += 1) {
    const constant = filter.readUInt32LE(8 * at + 4);
    const jump = (isTrue: boolean): void => {
      at += filter.readUInt8(8 * at + (isTrue ? 2 : 3));
    };
    switch (filter.readUInt16LE(8 * at)) {
      case 0x20:
        loaded = data.readUInt32LE(constant);
        break;
      case 0x54:
        loaded = (loaded & constant) >>> 0;
        break;
      case 0x15:
        jump(loaded === constant);
        break;
      case 0x35:
        jump(loaded >= constant);
        break;
      case 0x45:
        jump((loaded & constant) !== 0);
        break;
      case 0x06:
        return ACTIONS[constant] ?? constant.toString(16);
      default:
        throw new Error(`unknown operation: ${filter.toString('hex', 8 * at, 8 * at + 8)}`);
    }
  }
  throw new Error('the filter ends without an action');
}

describe.each(ARCHITECTURES)('seccompFilter on $arch', ({ arch, at, audit, foreign }) => {
  const filter = Buffer.from(seccompFilter(arch), 'hex');
  const actionFor = (number: number, ...args: number[]): string => evaluate(filter, audit, number, args);
  const actionWith = (name: ConditionalSyscall, ...args: number[]): string =>
    actionFor(CONDITIONAL_SYSCALLS[name][at], ...args);
  const denied = SECCOMP_DENYLIST.flatMap(({ syscalls, errno }) =>
    Object.entries(syscalls).flatMap(([name, numbers]) => {
      const number = numbers[at];
      return number === undefined ? [] : [{ name, number, errno }];
    }),
  );

  it('has no more than the 4096 instructions that the kernel allows', () => {
    expect(filter.length % 8).toBe(0);
    expect(filter.length / 8).toBeLessThanOrEqual(4096);
  });

  it.each(denied)('denies $name with $errno', ({ number, errno }) => {
    expect(actionFor(number)).toBe(errno);
  });

  it('has no number twice', () => {
    const numbers = [
      ...denied.map(({ number }) => number),
      ...Object.values(CONDITIONAL_SYSCALLS).map((n) => n[at]),
    ];
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('allows every other known system call', () => {
    const listed = new Set<number>([
      ...denied.map(({ number }) => number),
      ...Object.values(CONDITIONAL_SYSCALLS).map((numbers) => numbers[at]),
    ]);
    const others = [...Array(NEWEST_SYSCALL + 1).keys()].filter((number) => !listed.has(number));
    expect(others.length).toBeGreaterThan(350);
    expect(others.filter((number) => actionFor(number) !== 'allow')).toEqual([]);
  });

  it('fails with ENOSYS for system calls that are newer than its list', () => {
    for (const number of [NEWEST_SYSCALL + 1, 511, 512, 547, 0x7fffffff, -1])
      expect(actionFor(number)).toBe('ENOSYS');
  });

  it('fails with ENOSYS for system calls of other architectures and of x32', () => {
    for (const other of foreign) expect(evaluate(filter, other, 1)).toBe('ENOSYS');
    expect(actionFor(0x40000001)).toBe('ENOSYS');
  });

  it.each([
    ['a process', 0x11, 'allow'],
    ['a thread', 0x3d0f00, 'allow'],
    ['a process that shares memory until exec', 0x4111, 'allow'],
    ['a process with a pidfd', 0x1011, 'allow'],
    ['a mount namespace', 0x20011, 'EPERM'],
    ['a cgroup namespace', 0x02000011, 'EPERM'],
    ['a uts namespace', 0x04000011, 'EPERM'],
    ['an ipc namespace', 0x08000011, 'EPERM'],
    ['a user namespace', 0x10000011, 'EPERM'],
    ['a pid namespace', 0x20000011, 'EPERM'],
    ['a net namespace', 0x40000011, 'EPERM'],
    ['several namespaces', 0x70000011, 'EPERM'],
  ])('clone that creates %s (flags %d): %s', (_what, flags, expected) => {
    expect(actionWith('clone', flags)).toBe(expected);
  });

  it.each([
    ['AF_UNIX', 1, 1, 0, 'allow'],
    ['AF_UNIX non-blocking', 1, 0x80805, 0, 'allow'],
    ['AF_INET over TCP', 2, 1, 0, 'allow'],
    ['AF_INET over TCP non-blocking', 2, 0x80801, 6, 'allow'],
    ['AF_INET over UDP', 2, 2, 17, 'allow'],
    ['AF_INET6 over TCP', 10, 1, 0, 'allow'],
    ['AF_INET6 over UDP', 10, 0x80002, 17, 'allow'],
    ['AF_INET over SCTP', 2, 1, 132, 'EPROTONOSUPPORT'],
    ['AF_INET6 over MPTCP', 10, 1, 262, 'EPROTONOSUPPORT'],
    ['raw AF_INET', 2, 3, 1, 'EPROTONOSUPPORT'],
    ['AF_INET over DCCP', 2, 6, 0, 'EPROTONOSUPPORT'],
    ['AF_NETLINK for routes', 16, 0x80003, 0, 'allow'],
    ['AF_NETLINK for the packet filter', 16, 3, 12, 'EPROTONOSUPPORT'],
    ['generic AF_NETLINK', 16, 3, 16, 'EPROTONOSUPPORT'],
    ['AF_PACKET', 17, 3, 0, 'EAFNOSUPPORT'],
    ['AF_TIPC', 30, 1, 0, 'EAFNOSUPPORT'],
    ['AF_ALG', 38, 5, 0, 'EAFNOSUPPORT'],
    ['AF_VSOCK', 40, 1, 0, 'EAFNOSUPPORT'],
    ['AF_XDP', 44, 3, 0, 'EAFNOSUPPORT'],
    ['an unknown family', 0xffffffff, 1, 0, 'EAFNOSUPPORT'],
  ])('socket with %s (%d, %d, %d): %s', (_what, family, type, protocol, expected) => {
    expect(actionWith('socket', family, type, protocol)).toBe(expected);
  });

  it.each([
    ['AF_UNIX', 1, 'allow'],
    ['AF_INET', 2, 'EAFNOSUPPORT'],
    ['AF_TIPC', 30, 'EAFNOSUPPORT'],
    ['AF_VSOCK', 40, 'EAFNOSUPPORT'],
  ])('socketpair with %s (%d): %s', (_what, family, expected) => {
    expect(actionWith('socketpair', family, 1, 0)).toBe(expected);
  });

  it.each([
    ['the default', 0, 'allow'],
    ['the query of the current value', 0xffffffff, 'allow'],
    ['one without address randomization', 0x0040000, 'EPERM'],
    ['one that makes readable memory executable', 0x0400000, 'EPERM'],
    ['one with a page at address 0', 0x0100000, 'EPERM'],
    ['the 32-bit one', 8, 'EPERM'],
  ])('personality with %s (%d): %s', (_what, persona, expected) => {
    expect(actionWith('personality', persona)).toBe(expected);
  });

  it.each([
    ['TCGETS', 0x5401, 'allow'],
    ['TIOCGWINSZ', 0x5413, 'allow'],
    ['FIONBIO', 0x5421, 'allow'],
    ['TIOCSTI', 0x5412, 'EPERM'],
    ['TIOCLINUX', 0x541c, 'EPERM'],
    ['TIOCSETD', 0x5423, 'EPERM'],
  ])('ioctl with %s (%d): %s', (_what, request, expected) => {
    expect(actionWith('ioctl', 0, request)).toBe(expected);
  });

  it('allows prlimit64 for the calling process only', () => {
    expect(actionWith('prlimit64', 0, 7)).toBe('allow');
    expect(actionWith('prlimit64', 1, 7)).toBe('EPERM');
  });
});

/** Kernel headers, if they are installed. */
const HEADERS = [
  { at: 0, path: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h' },
  { at: 1, path: '/usr/include/asm-generic/unistd.h' },
] as const;

describe('Numbers of system syscalls', () => {
  const syscalls: [string, readonly [number, number?]][] = [
    ...SECCOMP_DENYLIST.flatMap((group) => Object.entries(group.syscalls)),
    ...Object.entries(CONDITIONAL_SYSCALLS),
  ];

  it('are the same on both architectures from 424 on, because the kernel assigns them together', () => {
    for (const [name, [x64, arm64]] of syscalls) if (x64 >= 424) expect([name, arm64]).toEqual([name, x64]);
  });

  for (const { at, path } of HEADERS.filter((header) => existsSync(header.path)))
    it(`match ${path}`, () => {
      const text = readFileSync(path, 'utf8');
      const numbers = new Map(
        [...text.matchAll(/^#define __NR_(\w+)\s+(\d+)$/gm)].map(([, name, number]) => [
          name,
          Number(number),
        ]),
      );
      const newest = Math.max(...[...numbers].map(([name, number]) => (name === 'syscalls' ? 0 : number)));
      // A header may be older than a system call of the list, whose number is then above all that it defines.
      const differing = syscalls.filter(([name, numbersOf]) => {
        const number = numbersOf[at];
        return number !== numbers.get(name) && !(number !== undefined && number > newest);
      });
      expect(numbers.size).toBeGreaterThan(250);
      expect(differing).toEqual([]);
    });
});

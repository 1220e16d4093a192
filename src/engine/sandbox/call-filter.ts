/**
 * The system calls that no namespace holds, as a filter for the kernel (seccomp(2)): kinds of sockets that reach other
 * machines or the hypervisor from any network namespace, keyrings that outlive a run, memory that is no process's own,
 * and parts of the kernel that programs do without and attackers do not.
 */

/** Numbers of system calls on x86_64 and on arm64. */
const REFUSED: Readonly<Record<string, readonly [x64: number, arm64: number]>> = {
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  perf_event_open: [298, 241],
  memfd_create: [319, 279],
  bpf: [321, 280],
  userfaultfd: [323, 282],
  // It would make sockets past this filter.
  io_uring_setup: [425, 425],
  memfd_secret: [447, 447],
};
const SOCKET = [41, 198] as const;
const PRLIMIT = [302, 261] as const;
/** AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK: each namespace of the network has its own. */
const FAMILIES = [1, 2, 10, 16] as const;

/** linux/audit.h */
const AUDIT_ARCH = [0xc000003e, 0xc00000b7] as const;
/** Calls of the ABI x32, which has numbers of its own. */
const X32_BIT = 0x40000000;
/** Offsets in `struct seccomp_data`; the first argument is read as 32 bits, as the calls in question do. */
const [NUMBER, ARCH, ARGUMENT] = [0, 4, 16] as const;
const ALLOW = 0x7fff0000;
const refuse = (errno: number): number => 0x00050000 + errno;
const [EPERM, ENOSYS, EAFNOSUPPORT] = [1, 38, 97] as const;

/** linux/filter.h: `struct sock_filter` is an operation, two jumps and a constant. */
type Instruction = readonly [operation: number, ifTrue: number, ifFalse: number, constant: number];
const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const give = (action: number): Instruction => [0x06, 0, 0, action];
const skipUnless = (value: number, count: number): Instruction => [0x15, 0, count, value];
const skipIf = (value: number, count: number): Instruction => [0x15, count, 0, value];
const skipBelow = (value: number, count: number): Instruction => [0x35, 0, count, value];

/** The filter in hexadecimal, in the byte order of both architectures. */
export function callFilter(arch: string): string {
  const at = arch === 'arm64' ? 1 : 0;
  const instructions: readonly Instruction[] = [
    load(ARCH),
    ...[skipIf(AUDIT_ARCH[at], 1), give(refuse(ENOSYS))],
    load(NUMBER),
    ...[skipBelow(X32_BIT, 1), give(refuse(ENOSYS))],
    ...Object.values(REFUSED).flatMap((numbers) => [skipUnless(numbers[at], 1), give(refuse(ENOSYS))]),
    ...onFirstArgument(SOCKET[at], FAMILIES, EAFNOSUPPORT),
    // Of another process: the limits of the supervisor, which has the same user, would be a way to end it.
    ...onFirstArgument(PRLIMIT[at], [0], EPERM),
    give(ALLOW),
  ];
  return Buffer.concat(instructions.map(encode)).toString('hex');
}

/** Lets a call pass with certain first arguments alone. Leaves the number loaded for what follows. */
function onFirstArgument(number: number, allowed: readonly number[], errno: number): Instruction[] {
  const tests = allowed.flatMap((value) => [skipUnless(value, 1), give(ALLOW)]);
  const body = [load(ARGUMENT), ...tests, give(refuse(errno))];
  return [skipUnless(number, body.length), ...body];
}

function encode([operation, ifTrue, ifFalse, constant]: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(operation, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(constant, 4);
  return bytes;
}

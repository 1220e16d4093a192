import { SYSCALL_CONDITIONS } from './seccomp-conditions';
import {
  ALLOW,
  type Instructions,
  type Range,
  encode,
  ifOneOf,
  loadArch,
  loadNumber,
  returnErrno,
  binarySearch,
} from './seccomp-instructions';
import { CONDITIONAL_SYSCALLS, NEWEST_SYSCALL, SECCOMP_DENYLIST } from './seccomp-denylist';

/** linux/audit.h. The same number means another system call on another architecture. */
const AUDIT_ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 };
const ERROR = { EPERM: returnErrno(1), ENOSYS: returnErrno(38) };

/**
 * Builds the seccomp(2) filter of programs. It is a second line of defence behind the namespaces, and the only one for what
 * no namespace isolates. docs/security.md lists what it denies, and why.
 * @param arch as `process.arch`
 * @returns the filter in hexadecimal
 */
export function seccompFilter(arch: string): string {
  const supported = arch === 'arm64' ? 'arm64' : 'x64';
  const byNumber = loadNumber(binarySearch(toRanges(instructionsByNumber(supported))));
  return encode(loadArch(ifOneOf([AUDIT_ARCH[supported]], byNumber, ERROR.ENOSYS))).toString('hex');
}

function instructionsByNumber(arch: 'x64' | 'arm64'): ReadonlyMap<number, Instructions> {
  const numberOf = ([x64, arm64]: readonly [number, number?]): number | undefined =>
    arch === 'x64' ? x64 : arm64;
  const known = new Map<number, Instructions>();
  const set = (number: number | undefined, instructions: Instructions): void => {
    if (number !== undefined) known.set(number, instructions);
  };
  for (const { syscalls, errno } of SECCOMP_DENYLIST)
    for (const numbers of Object.values(syscalls)) set(numberOf(numbers), ERROR[errno]);
  for (const name of Object.keys(SYSCALL_CONDITIONS) as (keyof typeof SYSCALL_CONDITIONS)[])
    set(numberOf(CONDITIONAL_SYSCALLS[name]), SYSCALL_CONDITIONS[name]);
  return known;
}

/** Numbers above NEWEST_SYSCALL are unknown, and so are all system calls of the x32 ABI, which sets a high bit. */
function toRanges(known: ReadonlyMap<number, Instructions>): readonly Range[] {
  const edges = [0, ...[...known.keys()].flatMap((number) => [number, number + 1])];
  const starts = [...new Set(edges)].filter((from) => from <= NEWEST_SYSCALL).sort((a, b) => a - b);
  const ranges = [
    ...starts.map((from) => ({ from, instructions: known.get(from) ?? ALLOW })),
    { from: NEWEST_SYSCALL + 1, instructions: ERROR.ENOSYS },
  ];
  return ranges.filter(({ instructions }, at) => instructions !== ranges[at - 1]?.instructions);
}

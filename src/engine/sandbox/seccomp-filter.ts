/**
 * The system calls that a program may make, as a filter for the kernel (seccomp(2)): a second lock behind the namespaces,
 * and the only one on what no namespace holds. docs/security.md says what is refused, and why.
 */
import { CHECKS } from './seccomp-conditions';
import {
  ALLOW,
  type Body,
  type Range,
  encode,
  ifOneOf,
  loadArch,
  loadNumber,
  refuse,
  search,
} from './seccomp-instructions';
import { CHECKED_CALLS, NEWEST_CALL, SECCOMP_DENYLIST } from './seccomp-denylist';

/** linux/audit.h; the numbers of another architecture mean other calls. */
const AUDIT_ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 };
const REFUSAL = { EPERM: refuse(1), ENOSYS: refuse(38) };

/** The filter in hexadecimal. */
export function seccompFilter(arch: string): string {
  const known = arch === 'arm64' ? 'arm64' : 'x64';
  const byNumber = loadNumber(search(rangesOf(bodiesOf(known))));
  return encode(loadArch(ifOneOf([AUDIT_ARCH[known]], byNumber, REFUSAL.ENOSYS))).toString('hex');
}

function bodiesOf(arch: 'x64' | 'arm64'): ReadonlyMap<number, Body> {
  const numberOf = ([x64, arm64]: readonly [number, number?]): number | undefined =>
    arch === 'x64' ? x64 : arm64;
  const bodies = new Map<number, Body>();
  const set = (number: number | undefined, body: Body): void => {
    if (number !== undefined) bodies.set(number, body);
  };
  for (const { calls, errno } of SECCOMP_DENYLIST)
    for (const numbers of Object.values(calls)) set(numberOf(numbers), REFUSAL[errno]);
  for (const name of Object.keys(CHECKS) as (keyof typeof CHECKS)[])
    set(numberOf(CHECKED_CALLS[name]), CHECKS[name]);
  return bodies;
}

/** What is above the newest call is unknown, and so are all calls of the ABI x32, which sets a high bit. */
function rangesOf(bodies: ReadonlyMap<number, Body>): readonly Range[] {
  const edges = [0, ...[...bodies.keys()].flatMap((number) => [number, number + 1])];
  const starts = [...new Set(edges)].filter((from) => from <= NEWEST_CALL).sort((a, b) => a - b);
  const ranges = [
    ...starts.map((from) => ({ from, body: bodies.get(from) ?? ALLOW })),
    { from: NEWEST_CALL + 1, body: REFUSAL.ENOSYS },
  ];
  return ranges.filter(({ body }, at) => body !== ranges[at - 1]?.body);
}

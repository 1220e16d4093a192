import type { ResourceLimits } from '../../engine-contract/execution-request';

/** What all processes of one sandbox together may use. */
export interface Limits extends ResourceLimits {
  /** ms of wall time. */
  readonly wallMs: number;
}

const MIB = 1024 * 1024;
/** The supervisor is one of the tree. */
export const tasksMax = (limits: Limits): number => limits.processes + 1;
export const memoryBytesMax = (limits: Limits): number => limits.memoryMb * MIB;
export const diskBytesMax = ({ diskMb }: Pick<Limits, 'diskMb'>): number => diskMb * MIB;

/** Resource numbers of setrlimit(2), the same on x86_64 and arm64. */
const RLIMIT = {
  cpu: 0,
  fsize: 1,
  core: 4,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  sigpending: 11,
  msgqueue: 12,
} as const;
/** Of all processes of the user together; each is memory of the kernel's. */
const QUEUED_SIGNALS_MAX = 1024;

/**
 * The limits that the kernel holds for each process, as the supervisor takes them. RLIMIT_AS is not among them: the
 * JVM, V8 and Go reserve far more than they use.
 */
export function encodeRlimits(limits: Limits): string {
  const values: readonly (readonly [number, number])[] = [
    // A second more than the limit of the tree: the watch ends it first, and says why.
    [RLIMIT.cpu, Math.ceil(limits.cpuMs / 1000) + 1],
    [RLIMIT.fsize, limits.fileMb * MIB],
    // Less than any file needs; 0 would still start a handler of the host that core_pattern names (core(5)).
    [RLIMIT.core, 1],
    [RLIMIT.nproc, tasksMax(limits)],
    [RLIMIT.nofile, limits.openFiles],
    [RLIMIT.memlock, 0],
    [RLIMIT.sigpending, QUEUED_SIGNALS_MAX],
    // The call filter refuses the queues besides.
    [RLIMIT.msgqueue, 0],
  ];
  return values.map(([resource, value]) => `${resource.toString()}=${value.toString()}`).join(',');
}

import type { ResourceLimits } from '../../engine-contract/execution-request';

/** What all processes of one sandbox together may use. */
export interface Limits extends ResourceLimits {
  /** Milliseconds of wall time. */
  readonly wallMs: number;
}

const MIB = 1024 * 1024;
/** One more than the program's own limit, for the supervisor. */
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
/** The kernel counts them for all processes of the user together. Each queued signal uses kernel memory. */
const QUEUED_SIGNALS_MAX = 1024;

/**
 * Resource limits of each process, in the format of supervisor.pl. RLIMIT_AS is not among them, because the JVM, V8 and Go
 * reserve far more address space than they use.
 */
export function encodeRlimits(limits: Limits): string {
  const values: readonly (readonly [number, number])[] = [
    // One second more than the limit of the whole run, so that the LimitMonitor stops the run first and records the reason.
    [RLIMIT.cpu, Math.ceil(limits.cpuMs / 1000) + 1],
    [RLIMIT.fsize, limits.fileMb * MIB],
    // Too small for any core file. With 0 the kernel would still start the host's handler from core_pattern (core(5)).
    [RLIMIT.core, 1],
    [RLIMIT.nproc, tasksMax(limits)],
    [RLIMIT.nofile, limits.openFiles],
    [RLIMIT.memlock, 0],
    [RLIMIT.sigpending, QUEUED_SIGNALS_MAX],
    // The seccomp filter denies message queues, too.
    [RLIMIT.msgqueue, 0],
  ];
  return values.map(([resource, value]) => `${resource.toString()}=${value.toString()}`).join(',');
}

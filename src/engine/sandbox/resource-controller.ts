import type { Accounting } from '../../engine-contract/report';
import type { Limits } from './limits';

/** Resources that the process tree of one run has used. */
export interface ResourceUsage {
  /** Milliseconds of user and system time. */
  readonly cpuMs: number;
  /** Bytes: the peak if the source records one, else the current value. */
  readonly memoryBytes: number;
  /** Whether the kernel has killed a process of the run because the run reached its memory limit. */
  readonly outOfMemory: boolean;
}

/** Paths of cgroup files. A process joins a cgroup by writing 0 to its file. */
export interface CgroupJoinPaths {
  /** Files that the first process of the sandbox writes to, which applies to all processes that it starts. */
  readonly sandbox: readonly string[];
  /** Files that only the program writes to, not its supervisor, which must reap processes faster than the program forks them. */
  readonly program: readonly string[];
}

/** The processes of one run, whose resource usage is measured and, with cgroups, limited together. */
export interface ResourceGroup {
  readonly joinPaths: CgroupJoinPaths;
  /** Sets the first process of the sandbox. Only groups that find their processes by parent need it. */
  setRootPid(pid: number): void;
  /** Replaces the limits that the group was opened with. */
  setLimits(limits: Limits): void;
  readUsage(): ResourceUsage | Promise<ResourceUsage>;
  /** Call when all processes of the run have exited. */
  close(): Promise<void>;
}

/** Creates the resource groups of runs. */
export interface ResourceController {
  readonly source: Accounting;
  /** Whether the kernel enforces memory and process limits; if not, a LimitMonitor must. */
  readonly enforcesLimits: boolean;
  openGroup(runId: string, limits: Limits): Promise<ResourceGroup>;
  /** Removes everything that the controller has created. */
  close(): Promise<void>;
}

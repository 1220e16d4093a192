/** Where the figures of a run come from, and what holds its tree to its limits. */
import type { Accounting } from '../../engine-contract/report';
import type { Limits } from './limits';

/** What the tree of one run has used. */
export interface ResourceUsage {
  /** ms of user and system time. */
  readonly cpuMs: number;
  /** Bytes; the peak where the source keeps one, else now. */
  readonly memoryBytes: number;
  /** Whether the kernel has killed a process for its memory. */
  readonly outOfMemory: boolean;
}

/** Files of control groups that a process enters by writing 0 to them. */
export interface CgroupJoinPaths {
  /** For the first process of the sandbox, and with it all that it starts. */
  readonly sandbox: readonly string[];
  /** For the program without its supervisor, which must reap faster than the program forks: its share of the CPU. */
  readonly program: readonly string[];
}

/** The account of one run. */
export interface ResourceGroup {
  readonly joinPaths: CgroupJoinPaths;
  /** Tells the pid of the sandbox's first process, for accounts that look at processes. */
  setRootPid(pid: number): void;
  /** Other limits than it was opened with. */
  setLimits(limits: Limits): void;
  readUsage(): ResourceUsage | Promise<ResourceUsage>;
  /** Call when the tree is gone. */
  close(): Promise<void>;
}

export interface ResourceController {
  readonly source: Accounting;
  /** Whether the kernel holds the limits; else whoever watches must. */
  readonly enforcesLimits: boolean;
  openGroup(runId: string, limits: Limits): Promise<ResourceGroup>;
  /** Removes everything that it made. */
  close(): Promise<void>;
}

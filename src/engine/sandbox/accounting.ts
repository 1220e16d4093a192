/** Where the figures of a run come from, and what holds its tree to its limits. */
import type { Accounting } from '../../common/report';
import type { Limits } from './limits';

/** What the tree of one run has used. */
export interface Usage {
  /** ms of user and system time. */
  readonly cpuMs: number;
  /** Bytes; the peak where the source keeps one, else now. */
  readonly memoryBytes: number;
  /** Whether the kernel has killed a process for its memory. */
  readonly outOfMemory: boolean;
}

/** The account of one run. */
export interface Account {
  /** Takes in a process, and with it all that it starts. */
  add(pid: number): Promise<void>;
  read(): Promise<Usage>;
  /** Call when the tree is gone. */
  close(): Promise<void>;
}

export interface Accountant {
  readonly source: Accounting;
  /** Whether the kernel holds the limits; else whoever watches must. */
  readonly enforces: boolean;
  open(runId: string, limits: Limits): Promise<Account>;
  /** Removes everything that it made. */
  close(): Promise<void>;
}

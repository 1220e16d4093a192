/** What the engine is asked to do. */
export interface EngineRequest {
  /** Names the execution for cancel and status; the engine does not interpret it. */
  readonly jobId: string;
  /** Who asks, 1 to 128 characters: the waiting line is fair between clients. The engine does nothing but compare it. */
  readonly client: string;
  /** The id of a language, or an alias. */
  readonly language: string;
  readonly code: string;
  /** Standard input. */
  readonly input: string;
  /** 1 to 100 standard inputs: the program is compiled once and run with each. When present, `input` is not read. */
  readonly inputs?: readonly string[] | undefined;
  /** ms of wall time, and of CPU time of all cores together, for each run without its compilation. */
  readonly timeoutMs: number;
  readonly limits?: RequestedLimits | undefined;
}

/** Each may be lower than the engine's own setting, which is its default and its maximum. */
export interface RequestedLimits {
  readonly memoryMb?: number | undefined;
  readonly processes?: number | undefined;
  readonly outputBytes?: number | undefined;
  readonly diskMb?: number | undefined;
  /** ms of CPU time of all cores together; by default the wall time. */
  readonly cpuMs?: number | undefined;
  readonly openFiles?: number | undefined;
  /** MiB of the largest file. */
  readonly fileMb?: number | undefined;
}

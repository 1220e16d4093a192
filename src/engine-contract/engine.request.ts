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

/** What one run of a program may use. The engine's settings have the defaults and the maxima. */
export interface ResourceLimits {
  /** MiB of all processes together. */
  readonly memoryMb: number;
  /** Processes and threads together. */
  readonly processes: number;
  /** Bytes of stdout and stderr together. */
  readonly outputBytes: number;
  /** MiB of all writable directories together. */
  readonly diskMb: number;
  /** ms of user and system time of all processes and cores together; by default the limit of wall time. */
  readonly cpuMs: number;
  /** Open files of each process. */
  readonly openFiles: number;
  /** MiB of the largest file. */
  readonly fileMb: number;
}

/** Limits that are lower than those of the engine. */
export type RequestedLimits = { readonly [Name in keyof ResourceLimits]?: ResourceLimits[Name] | undefined };

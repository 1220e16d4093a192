/** What a gateway sends to an engine to run a program. */
export interface ExecutionRequest {
  /** The id under which the execution can be cancelled and queried; opaque to the engine. */
  readonly jobId: string;
  /** Identifies the client in the fair queue of the engine; 1 to 128 characters, opaque to the engine. */
  readonly client: string;
  /** The id or an alias of a language. */
  readonly language: string;
  readonly code: string;
  /** Standard input; ignored when there are `inputs`. */
  readonly input: string;
  /** 1 to 100 standard inputs. The program is compiled once and run with each. */
  readonly inputs?: readonly string[] | undefined;
  /** Milliseconds of wall time of each run, without the compilation; also the limit of CPU time, unless `limits` has another. */
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
  /** Milliseconds of user and system time of all processes and cores together; by default the limit of wall time. */
  readonly cpuMs: number;
  /** Open files of each process. */
  readonly openFiles: number;
  /** MiB of the largest file. */
  readonly fileMb: number;
}

/** Limits that are lower than those of the engine. */
export type RequestedLimits = { readonly [Name in keyof ResourceLimits]?: ResourceLimits[Name] | undefined };

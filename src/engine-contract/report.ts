export const VERDICTS = [
  'OK',
  'NONZERO_EXIT',
  'SIGNALLED',
  'COMPILE_ERROR',
  'TIME_LIMIT',
  'MEMORY_LIMIT',
  'OUTPUT_LIMIT',
  'CANCELLED',
  'ENGINE_ERROR',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export const FINAL_STATUSES = ['SUCCESS', 'FAILED', 'TIMEOUT', 'CANCELLED'] as const;
export type FinalStatus = (typeof FINAL_STATUSES)[number];

export function statusOf(verdict: Verdict): FinalStatus {
  switch (verdict) {
    case 'OK':
      return 'SUCCESS';
    case 'TIME_LIMIT':
      return 'TIMEOUT';
    case 'CANCELLED':
      return 'CANCELLED';
    case 'NONZERO_EXIT':
    case 'SIGNALLED':
    case 'COMPILE_ERROR':
    case 'MEMORY_LIMIT':
    case 'OUTPUT_LIMIT':
    case 'ENGINE_ERROR':
      return 'FAILED';
  }
}

export const STREAMS = ['stdout', 'stderr'] as const;
export type StreamName = (typeof STREAMS)[number];

/** A piece of output in the order in which it was captured; bytes that are not UTF-8 have become U+FFFD. */
export interface OutputChunk {
  /** Counts from 0 without gaps, over both streams and all inputs, in the order in which chunks are sent. */
  readonly seq: number;
  /** Milliseconds since the program started with this input. */
  readonly tMs: number;
  readonly stream: StreamName;
  /** Index of the input from 0; absent for an execution with a single input. */
  readonly input?: number | undefined;
  readonly data: string;
}

/** The first part of both streams, and how much the program wrote in total. */
export interface OutputPreview {
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
}

/** The source of CPU time and peak memory: a control group, or getrusage of ended processes and, for memory, samples. */
export const ACCOUNTINGS = ['cgroup-v2', 'cgroup-v1', 'rusage'] as const;
export type Accounting = (typeof ACCOUNTINGS)[number];

export interface Resource {
  /** Milliseconds of wall time. */
  readonly executionTimeMs: number;
  /** Milliseconds of user and system time of the program and its child processes. */
  readonly cpuTimeMs: number;
  /** CPU time as a percentage of wall time; over 100 when several cores were busy. */
  readonly cpuPercent: number;
  /** MiB at the peak; with `rusage` the larger of the largest process and the largest sampled sum of all processes. */
  readonly memoryMb: number;
  readonly accounting: Accounting;
}

export interface CompileReport extends OutputPreview {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly resource: Resource;
}

/**
 * What existed when the program arrived: a sandbox with the interpreter loaded (`warm`), a sandbox without one (`prepared`), or
 * no sandbox (`cold`).
 */
export const SANDBOX_STARTS = ['warm', 'prepared', 'cold'] as const;
export type SandboxStart = (typeof SANDBOX_STARTS)[number];

/** The result of running the program with one input. */
export interface InputResult extends OutputPreview {
  readonly verdict: Verdict;
  /** Null when a signal ended the program or it never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Null when the program never started. */
  readonly resource: Resource | null;
  /** Null when the program never started. */
  readonly sandbox: SandboxStart | null;
  /** Milliseconds in the queue for a slot. */
  readonly queuedMs: number;
  /** A sentence for clients that explains the verdict; null when the verdict says enough. */
  readonly errorMessage: string | null;
}

/**
 * The result of an execution, whether the program succeeded or not. With several inputs it is a summary: verdict, exit
 * code, signal and message are those of the first input that was cancelled, else of the first that is not OK, else of the
 * first. Output is counted here, but shown only in `results`.
 */
export interface ExecutionReport extends InputResult {
  /** Null when the language is not compiled. */
  readonly compile: CompileReport | null;
  /** Whether the program came from the cache; `compile` then describes the earlier compilation. */
  readonly compileCached: boolean;
  /** RFC 3339. */
  readonly completedAt: string;
  /** One result for each input, in the same order; present only if the request had `inputs`. */
  readonly results?: readonly InputResult[] | undefined;
}

/** The fields of a result when the program never started. */
export const NOTHING_RAN = {
  stdout: '',
  stderr: '',
  stdoutBytes: 0,
  stderrBytes: 0,
  stdoutTruncated: false,
  stderrTruncated: false,
  exitCode: null,
  signal: null,
  resource: null,
  sandbox: null,
} as const satisfies Partial<InputResult>;

/** The result for an input that was cancelled before the program ran with it. */
export const cancelledResult = (queuedMs: number): InputResult => ({
  ...NOTHING_RAN,
  verdict: 'CANCELLED',
  queuedMs,
  errorMessage: null,
});

/**
 * The report of an execution that was cancelled before anything ran, or for which the engine returned no report.
 * @param inputCount number of inputs; undefined for an execution with a single input
 */
export const cancelledReport = (queuedMs: number, inputCount?: number): ExecutionReport => ({
  ...cancelledResult(queuedMs),
  compile: null,
  compileCached: false,
  completedAt: new Date().toISOString(),
  ...(inputCount !== undefined && {
    results: Array.from({ length: inputCount }, (_, index) => cancelledResult(index === 0 ? queuedMs : 0)),
  }),
});

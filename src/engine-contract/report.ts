/** What an execution yields: the vocabulary that the gateway and the engine share. */

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
  /** Counts from 0 over both streams, and over all inputs: without a gap, in the order in which they are handed out. */
  readonly seq: number;
  /** ms since the program started, with this input. */
  readonly tMs: number;
  readonly stream: StreamName;
  /** Which of many inputs the program was run with, from 0; absent when there was a single one. */
  readonly input?: number | undefined;
  readonly data: string;
}

/** The first part of both streams, and how much the program really wrote. */
export interface OutputPreview {
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
}

/** Where CPU time and peak memory were read: a control group, or the kernel's sums over the ended processes. */
export const ACCOUNTINGS = ['cgroup-v2', 'cgroup-v1', 'rusage'] as const;
export type Accounting = (typeof ACCOUNTINGS)[number];

export interface Resource {
  /** ms of wall time. */
  readonly executionTimeMs: number;
  /** ms of user and system time of the program and its children. */
  readonly cpuTimeMs: number;
  /** CPU time as a share of wall time; over 100 when several cores were busy. */
  readonly cpuPercent: number;
  /** MiB at the peak. */
  readonly memoryMb: number;
  readonly accounting: Accounting;
}

export interface CompileReport extends OutputPreview {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly resource: Resource;
}

/** What there was of a sandbox when the program came: an interpreter loaded in one, an empty one, or none. */
export const SANDBOX_STARTS = ['warm', 'prepared', 'cold'] as const;
export type SandboxStart = (typeof SANDBOX_STARTS)[number];

/** What came of one input. */
export interface InputResult extends OutputPreview {
  readonly verdict: Verdict;
  /** Null when a signal ended the program, or it never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Null when the program never started. */
  readonly resource: Resource | null;
  /** Null when the program never started. */
  readonly sandbox: SandboxStart | null;
  /** ms in the waiting line. */
  readonly queuedMs: number;
  /** A sentence for people where the verdict alone does not say it all. */
  readonly errorMessage: string | null;
}

/**
 * The engine's answer, whatever the program did. Of many inputs it is a summary: the ending of the first that was
 * cancelled, or else of the first that is not OK, or else of the first; output is counted, and shown in `results` alone.
 */
export interface ExecutionReport extends InputResult {
  /** Null when the language is not compiled. */
  readonly compile: CompileReport | null;
  /** Whether the program was compiled before, and `compile` tells of then. */
  readonly compileCached: boolean;
  /** RFC 3339. */
  readonly completedAt: string;
  /** One for each input, in their order; present exactly when many inputs were asked for. */
  readonly results?: readonly InputResult[] | undefined;
}

/** What is said of a program that never started. */
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

/** Of an input that was cancelled before the program ran with it. */
export const cancelledResult = (queuedMs: number): InputResult => ({
  ...NOTHING_RAN,
  verdict: 'CANCELLED',
  queuedMs,
  errorMessage: null,
});

/**
 * The report of an execution that was cancelled before anything ran, or of which nothing more is known.
 * @param inputs how many, of an execution of many
 */
export const cancelledReport = (queuedMs: number, inputs?: number): ExecutionReport => ({
  ...cancelledResult(queuedMs),
  compile: null,
  compileCached: false,
  completedAt: new Date().toISOString(),
  ...(inputs !== undefined && {
    results: Array.from({ length: inputs }, (_, index) => cancelledResult(index === 0 ? queuedMs : 0)),
  }),
});

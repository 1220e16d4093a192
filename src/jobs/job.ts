/** The job: what was uploaded, the state it is in, and what its last execution yielded. */
import {
  type ExecutionReport,
  FINAL_STATUSES,
  type FinalStatus,
  type SandboxStart,
  type Verdict,
} from '../engine-contract/report';

export const JOB_STATUSES = ['PENDING', 'QUEUED', 'RUNNING', ...FINAL_STATUSES] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** What never changes after the upload. */
export interface JobUpload {
  /** UUIDv7, so that ids sort by time. */
  readonly jobId: string;
  readonly language: string;
  readonly s3Key: string;
  readonly project: string | null;
  readonly functionName: string | null;
  readonly description: string | null;
  readonly codeBytes: number;
  /** RFC 3339, like every time of a job. */
  readonly createdAt: string;
}

export interface Timings {
  readonly queuedMs: number;
  readonly fetchMs: number;
  /** 0 when it was compiled before. */
  readonly compileMs: number | null;
  /** Outcomes from before there was this have none of it. */
  readonly compileCached?: boolean | undefined;
  readonly sandbox?: SandboxStart | null | undefined;
  readonly runMs: number | null;
  readonly totalMs: number;
}

/**
 * What a finished attempt yielded: the report of the engine, without the fields that the job has itself and with all
 * times in `timings`. Outcomes are stored, so a field that reports get later must be optional here.
 */
export interface Outcome extends Omit<
  ExecutionReport,
  'verdict' | 'errorMessage' | 'completedAt' | 'compileCached' | 'sandbox' | 'queuedMs'
> {
  readonly timings: Timings;
}

/** What a queued or running execution needs to know besides the job itself. */
export interface Dispatch {
  /**
   * Where the request of an asynchronous execution is kept; null when a client waits on its connection, so that nobody
   * but that client can ask again.
   */
  readonly requestKey: string | null;
  /** Executions begun since the client asked. */
  readonly tries: number;
  /** RFC 3339: when it was queued; null when it never was. */
  readonly queuedAt: string | null;
  /** The base URL of the process that runs it, for its peers; null while nobody does. */
  readonly worker: string | null;
  /** Who wants to be told the end; null when nobody does. */
  readonly callbackUrl: string | null;
}

/** What a transition changes, always as a whole. */
export interface JobState {
  readonly status: JobStatus;
  readonly verdict: Verdict | null;
  /** The number of the latest execution; 0 before the first. */
  readonly attempt: number;
  readonly timeoutMs: number | null;
  readonly updatedAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly outcome: Outcome | null;
  /** The latest attempt whose logs are stored. */
  readonly logsAttempt: number | null;
  readonly errorMessage: string | null;
  /**
   * The fencing token: a new one for each execution, null before the first. A write that was meant for another one is
   * refused, also when it arrives late.
   */
  readonly fence: string | null;
  /** Of the execution that a client asked for last, through all its attempts; null before the first. */
  readonly executionId: string | null;
  /** Null before the first execution, and when nothing is left to be done for the last one. */
  readonly dispatch: Dispatch | null;
  /**
   * RFC 3339: when somebody has to look after this job unless it changes before; null when nobody has to. Of a queued one
   * its message may be lost, of a running one the lease of its worker ends, of a final one its callback is owed.
   */
  readonly dueAt: string | null;
  /** Whether a client wants the running execution to end: it is not tried again when its worker dies. */
  readonly cancelRequested: boolean;
}

export interface Job extends JobUpload, JobState {}

/** Whether this is the very state that somebody wanted: its repetition changes nothing. */
export const isInState = (job: JobState, state: JobState): boolean =>
  job.status === state.status &&
  job.attempt === state.attempt &&
  job.fence === state.fence &&
  job.updatedAt === state.updatedAt;

export const isFinal = (status: JobStatus): status is FinalStatus =>
  (FINAL_STATUSES as readonly JobStatus[]).includes(status);

export const isActive = (status: JobStatus): boolean => status === 'QUEUED' || status === 'RUNNING';

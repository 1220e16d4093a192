import {
  type ExecutionReport,
  FINAL_STATUSES,
  type FinalStatus,
  type SandboxStart,
  type Verdict,
} from '../engine-contract/report';

export const JOB_STATUSES = ['PENDING', 'QUEUED', 'RUNNING', ...FINAL_STATUSES] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** The part of a job that never changes after the upload. */
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

/** How long the steps of an execution took. */
export interface Timings {
  readonly queuedMs: number;
  readonly fetchMs: number;
  /** 0 if a cached executable was used; null for a language without a compiler. */
  readonly compileMs: number | null;
  /** Undefined in outcomes that an older version stored. */
  readonly compileCached?: boolean | undefined;
  readonly sandbox?: SandboxStart | null | undefined;
  readonly runMs: number | null;
  readonly totalMs: number;
}

/**
 * Output, exit code and resource usage of a finished attempt: the report of the engine, without the fields that the job has
 * itself and with all times in `timings`. Outcomes are stored, so a field that is added to reports must be optional here.
 */
export interface Outcome extends Omit<
  ExecutionReport,
  'verdict' | 'errorMessage' | 'completedAt' | 'compileCached' | 'sandbox' | 'queuedMs'
> {
  readonly timings: Timings;
}

/** What the gateways need to run an execution, or to deliver its webhook when it has ended. */
export interface Dispatch {
  /**
   * The key of the stored request of an asynchronous execution. Null for a synchronous one, which only its connected client
   * can repeat.
   */
  readonly requestKey: string | null;
  /** Attempts that were started for this execution. */
  readonly tries: number;
  /** RFC 3339; null for a synchronous execution. */
  readonly queuedAt: string | null;
  /** The base URL at which peers reach the process that runs the execution; null while it is queued. */
  readonly worker: string | null;
  /** Receives the finished job as a webhook; null for none. */
  readonly callbackUrl: string | null;
}

/** The part of a job that a transition replaces, always as a whole. */
export interface JobState {
  readonly status: JobStatus;
  readonly verdict: Verdict | null;
  /** The number of the latest attempt; 0 before the first. */
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
   * The fencing token: new for each attempt and each time the job is queued, null before the first. A write with an old token
   * is rejected, even if it arrives late.
   */
  readonly fence: string | null;
  /** Identifies the latest execution through all its attempts; null before the first. */
  readonly executionId: string | null;
  /** Null before the first execution, and when a finished one has no pending webhook. */
  readonly dispatch: Dispatch | null;
  /**
   * RFC 3339: when the reconciler must handle this job unless it changes before; null for never. At this time, the message of
   * a queued job counts as lost, the lease of a running one expires, or the webhook of a finished one is pending.
   */
  readonly dueAt: string | null;
  /** Whether a client has cancelled the running execution. If its worker dies, there is no other attempt. */
  readonly cancelRequested: boolean;
}

export interface Job extends JobUpload, JobState {}

/** Whether the job is in exactly this state, so that a repeated transition into it changes nothing. */
export const isInState = (job: JobState, state: JobState): boolean =>
  job.status === state.status &&
  job.attempt === state.attempt &&
  job.fence === state.fence &&
  job.updatedAt === state.updatedAt;

export const isFinal = (status: JobStatus): status is FinalStatus =>
  (FINAL_STATUSES as readonly JobStatus[]).includes(status);

export const isActive = (status: JobStatus): boolean => status === 'QUEUED' || status === 'RUNNING';

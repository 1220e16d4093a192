/** The port to wherever jobs are kept. */
import type { Job, JobState, JobStatus } from './job';

/** The condition of a transition: it happens only to a job that is in one of these states, in this attempt. */
export interface TransitionGuard {
  readonly statuses: readonly JobStatus[];
  readonly attempt: number;
  /** Undefined: any. */
  readonly fence?: string | null;
  /** Undefined: any. */
  readonly dueAt?: string | null;
}

/** What may change of a job while its state stays the same. */
export type JobFieldUpdate = Partial<Pick<JobState, 'dispatch' | 'dueAt' | 'cancelRequested'>>;

export type TransitionResult =
  | { readonly kind: 'changed'; readonly job: Job }
  | { readonly kind: 'conflict'; readonly current: Job }
  | { readonly kind: 'missing' };

export interface JobFilter {
  readonly status?: JobStatus | undefined;
  readonly language?: string | undefined;
  readonly project?: string | undefined;
}

export interface JobPage {
  readonly jobs: readonly Job[];
  /** The id after which the next page begins, of a job that need not be listed; undefined on the last page. */
  readonly nextAfter: string | undefined;
}

/** Every method throws StorageUnavailableError when the storage does not work. */
export abstract class JobRepository {
  /** Keeps a new job durably before it returns; repeated with the same job, it changes nothing. */
  abstract create(job: Job): Promise<void>;
  /** Reads what was written last. */
  abstract find(jobId: string): Promise<Job | undefined>;
  /**
   * One conditional write: of two callers that race from the same state, exactly one changes the job. A transition into
   * the very state that the job is in is `changed`, so that whoever lost an answer may repeat the call.
   */
  abstract transition(jobId: string, from: TransitionGuard, to: JobState): Promise<TransitionResult>;
  /**
   * Changes these fields alone, under the same kind of condition. An amendment of a job that has these very values already
   * is `changed` whatever its `dueAt` is, so that whoever lost an answer may repeat the call.
   */
  abstract updateFields(
    jobId: string,
    from: TransitionGuard,
    amendment: JobFieldUpdate,
  ): Promise<TransitionResult>;
  /**
   * Ids of jobs whose `dueAt` is not after `now` (RFC 3339), those that are due longest first. One that became due a moment
   * ago may be missing.
   */
  abstract findDue(now: string, limit: number): Promise<readonly string[]>;
  /**
   * Newest first. Output and compile reports of the jobs listed are empty, and what an execution keeps for itself (dispatch,
   * dueAt, cancelRequested, executionId) may be. A page may hold fewer jobs than the limit, even none, before the last one: a
   * filter that few jobs match is looked for within a bound.
   */
  abstract list(filter: JobFilter, limit: number, after: string | undefined): Promise<JobPage>;
  /** @throws StorageUnavailableError when a read does not work now */
  abstract ping(): Promise<void>;
}

import type { Job, JobState, JobStatus } from './job';

/** The condition of a conditional write: the job must be in one of these statuses, in this attempt. */
export interface TransitionGuard {
  readonly statuses: readonly JobStatus[];
  readonly attempt: number;
  /** The fencing token; undefined matches any. */
  readonly fence?: string | null;
  /** Undefined matches any. */
  readonly dueAt?: string | null;
}

/** The fields that may change without a transition. */
export type JobFieldUpdate = Partial<Pick<JobState, 'dispatch' | 'dueAt' | 'cancelRequested'>>;

/** `conflict`: the guard did not hold for the stored job. */
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
  /**
   * The id after which the next page starts; undefined on the last page. The job with this id need not match the filter.
   */
  readonly nextAfter: string | undefined;
}

/**
 * Port to the stored jobs.
 * Every method throws StorageUnavailableError if the storage is unavailable.
 */
export abstract class JobRepository {
  /** Stores a new job durably before it returns. Repeating the call with the same job changes nothing. */
  abstract create(job: Job): Promise<void>;
  /** A consistent read: returns the latest write. */
  abstract find(jobId: string): Promise<Job | undefined>;
  /**
   * Replaces the state if the guard holds. One conditional write: of callers that race from the same state, exactly one
   * changes the job. If the job is already in this state, the result is `changed`, so a caller that lost the response
   * may repeat the call.
   */
  abstract transition(jobId: string, guard: TransitionGuard, to: JobState): Promise<TransitionResult>;
  /**
   * Changes only these fields if the guard holds. If they have these values already, the result is `changed` whatever the
   * guard's `dueAt` is, so a caller that lost the response may repeat the call.
   */
  abstract updateFields(
    jobId: string,
    guard: TransitionGuard,
    update: JobFieldUpdate,
  ): Promise<TransitionResult>;
  /**
   * Ids of jobs whose `dueAt` is not after `now` (RFC 3339), the longest overdue first. A job that has just become due may be
   * missing.
   */
  abstract findDue(now: string, limit: number): Promise<readonly string[]>;
  /**
   * Newest first. The jobs have no output and no compile reports; `dispatch`, `dueAt`, `cancelRequested` and `executionId`
   * may be missing too. The number of reads per page is bounded, so with a filter that few jobs match, a page before the last
   * may hold fewer jobs than the limit, or none.
   * @param after the `nextAfter` of the previous page; undefined for the first page
   */
  abstract list(filter: JobFilter, limit: number, after: string | undefined): Promise<JobPage>;
  /** @throws StorageUnavailableError if jobs cannot be read at the moment */
  abstract ping(): Promise<void>;
}

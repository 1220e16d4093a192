// The state machine of a job: each function returns the state that follows one event. Diagram: docs/architecture.md.
import { randomUUID } from 'node:crypto';
import { type FinalStatus, type Verdict, statusOf } from '../engine-contract/report';
import type { Dispatch, JobState, Outcome } from './job';

/** The job was uploaded. */
export function pendingState(now: string): JobState {
  return {
    status: 'PENDING',
    verdict: null,
    attempt: 0,
    timeoutMs: null,
    updatedAt: now,
    startedAt: null,
    completedAt: null,
    outcome: null,
    logsAttempt: null,
    errorMessage: null,
    fence: null,
    executionId: null,
    dispatch: null,
    dueAt: null,
    cancelRequested: false,
  };
}

/** The process that runs an attempt, and until when the attempt counts as alive. */
export interface Lease {
  /** The base URL of the process for its peers. */
  readonly worker: string | null;
  /** RFC 3339; a renewal moves it. */
  readonly dueAt: string;
}

/** The parameters of one execution. */
export interface ExecutionParams {
  readonly timeoutMs: number;
  readonly callbackUrl: string | null;
  readonly executionId: string;
}

/** A synchronous execution starts. The outcome of the previous one is removed, but its logs stay readable. */
export function runningState(job: JobState, params: ExecutionParams, lease: Lease, now: string): JobState {
  return {
    ...acceptedState(job, params, now),
    status: 'RUNNING',
    attempt: job.attempt + 1,
    startedAt: now,
    dispatch: {
      requestKey: null,
      tries: 1,
      queuedAt: null,
      worker: lease.worker,
      callbackUrl: params.callbackUrl,
    },
    dueAt: lease.dueAt,
  };
}

/**
 * An asynchronous execution is queued.
 * @param dueAt when its queue message counts as lost
 */
export function queuedState(
  job: JobState,
  params: ExecutionParams & { readonly requestKey: string },
  dueAt: string,
  now: string,
): JobState {
  const { requestKey, callbackUrl } = params;
  return {
    ...acceptedState(job, params, now),
    status: 'QUEUED',
    attempt: job.attempt,
    dispatch: { requestKey, tries: 0, queuedAt: now, worker: null, callbackUrl },
    dueAt,
  };
}

const acceptedState = (
  job: JobState,
  { timeoutMs, executionId }: ExecutionParams,
  now: string,
): JobState => ({
  ...pendingState(now),
  timeoutMs,
  logsAttempt: job.logsAttempt,
  fence: randomUUID(),
  executionId,
});

/** A worker starts an attempt at a queued execution. */
export function startedState(queued: JobState, dispatch: Dispatch, lease: Lease, now: string): JobState {
  return {
    ...stateOf(queued),
    status: 'RUNNING',
    attempt: queued.attempt + 1,
    updatedAt: now,
    startedAt: now,
    fence: randomUUID(),
    dispatch: { ...dispatch, tries: dispatch.tries + 1, worker: lease.worker },
    dueAt: lease.dueAt,
  };
}

/**
 * A running execution is queued again, because its worker died or the engine rejected it.
 * @param isAttemptCounted whether the failed attempt counts towards the limit of attempts
 * @param dueAt when its queue message counts as lost
 */
export function requeuedState(
  running: JobState,
  dispatch: Dispatch,
  { isAttemptCounted, dueAt }: { readonly isAttemptCounted: boolean; readonly dueAt: string },
  now: string,
): JobState {
  return {
    ...stateOf(running),
    status: 'QUEUED',
    updatedAt: now,
    startedAt: null,
    fence: randomUUID(),
    dispatch: { ...dispatch, tries: dispatch.tries - (isAttemptCounted ? 0 : 1), worker: null },
    dueAt,
  };
}

/** What is written when an attempt ends. */
export interface Completion {
  readonly verdict: Verdict;
  readonly outcome: Outcome | null;
  readonly hasLogs: boolean;
  readonly errorMessage: string | null;
}

/** The last attempt of an execution ends. */
export function finishedState(running: JobState, completion: Completion, now: string): JobState {
  return {
    ...stateOf(running),
    status: statusOf(completion.verdict),
    verdict: completion.verdict,
    updatedAt: now,
    completedAt: now,
    outcome: completion.outcome,
    logsAttempt: completion.hasLogs ? running.attempt : running.logsAttempt,
    errorMessage: completion.errorMessage,
    ...fieldsAfterEnd(running, now),
  };
}

/** A job with a webhook is due at once, and any other job never. */
function fieldsAfterEnd(
  { dispatch }: JobState,
  now: string,
): Pick<JobState, 'dispatch' | 'dueAt' | 'cancelRequested'> {
  const hasWebhook = typeof dispatch?.callbackUrl === 'string';
  return { dispatch: hasWebhook ? dispatch : null, dueAt: hasWebhook ? now : null, cancelRequested: false };
}

/** A PENDING or QUEUED job is cancelled before an attempt starts. */
export function cancelledState(job: JobState, now: string): JobState {
  return {
    ...stateOf(job),
    status: 'CANCELLED' satisfies FinalStatus,
    verdict: 'CANCELLED',
    updatedAt: now,
    completedAt: now,
    ...fieldsAfterEnd(job, now),
  };
}

/**
 * An execution was rejected: the job returns to its previous state. It keeps the new fencing token, so that a late write
 * of the rejected execution cannot start it.
 */
export const restoredState = (before: JobState, { fence }: JobState): JobState => ({
  ...stateOf(before),
  fence,
});

/** The state without the upload. */
export function stateOf(job: JobState): JobState {
  const { status, verdict, attempt, timeoutMs, updatedAt, startedAt, completedAt } = job;
  const { outcome, logsAttempt, errorMessage, fence, executionId, dispatch, dueAt, cancelRequested } = job;
  return {
    status,
    verdict,
    attempt,
    timeoutMs,
    updatedAt,
    startedAt,
    completedAt,
    outcome,
    logsAttempt,
    errorMessage,
    fence,
    executionId,
    dispatch,
    dueAt,
    cancelRequested,
  };
}

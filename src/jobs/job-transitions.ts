/** The state machine of a job: each function gives the state that follows one event. */
import { randomUUID } from 'node:crypto';
import { type FinalStatus, type Verdict, statusOf } from '../engine-contract/report';
import type { Dispatch, JobState, Outcome } from './job';

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

/** Who runs an execution, and until when that holds without a sign of life. */
export interface Lease {
  readonly worker: string | null;
  /** RFC 3339. */
  readonly dueAt: string;
}

/** What a client asks of an execution. */
export interface ExecutionParams {
  readonly timeoutMs: number;
  readonly callbackUrl: string | null;
  readonly executionId: string;
}

/** An execution begins for a client that waits; what the last one yielded is gone, but its logs stay readable. */
export function runningState(job: JobState, asked: ExecutionParams, lease: Lease, now: string): JobState {
  return {
    ...acceptedState(job, asked, now),
    status: 'RUNNING',
    attempt: job.attempt + 1,
    startedAt: now,
    dispatch: {
      requestKey: null,
      tries: 1,
      queuedAt: null,
      worker: lease.worker,
      callbackUrl: asked.callbackUrl,
    },
    dueAt: lease.dueAt,
  };
}

/** An execution is accepted that nobody waits for on a connection. @param dueAt when its message counts as lost */
export function queuedState(
  job: JobState,
  asked: ExecutionParams & { readonly requestKey: string },
  dueAt: string,
  now: string,
): JobState {
  const { requestKey, callbackUrl } = asked;
  return {
    ...acceptedState(job, asked, now),
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

/** A worker begins what is queued. */
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
 * What was running is queued again, because its worker is gone or the engine refused.
 * @param counts whether the try that has ended counts as one
 */
export function requeuedState(
  running: JobState,
  dispatch: Dispatch,
  { counts, dueAt }: { readonly counts: boolean; readonly dueAt: string },
  now: string,
): JobState {
  return {
    ...stateOf(running),
    status: 'QUEUED',
    updatedAt: now,
    startedAt: null,
    fence: randomUUID(),
    dispatch: { ...dispatch, tries: dispatch.tries - (counts ? 0 : 1), worker: null },
    dueAt,
  };
}

export interface Completion {
  readonly verdict: Verdict;
  readonly outcome: Outcome | null;
  readonly hasLogs: boolean;
  readonly errorMessage: string | null;
}

export function finishedState(running: JobState, ending: Completion, now: string): JobState {
  return {
    ...stateOf(running),
    status: statusOf(ending.verdict),
    verdict: ending.verdict,
    updatedAt: now,
    completedAt: now,
    outcome: ending.outcome,
    logsAttempt: ending.hasLogs ? running.attempt : running.logsAttempt,
    errorMessage: ending.errorMessage,
    ...afterEnd(running, now),
  };
}

/** Who wants to be told is told at once; nothing else is left to do. */
function afterEnd(
  { dispatch }: JobState,
  now: string,
): Pick<JobState, 'dispatch' | 'dueAt' | 'cancelRequested'> {
  const isOwed = typeof dispatch?.callbackUrl === 'string';
  return { dispatch: isOwed ? dispatch : null, dueAt: isOwed ? now : null, cancelRequested: false };
}

/** A job that nobody executes yet, be it PENDING or QUEUED, is retired. */
export function retiredState(job: JobState, now: string): JobState {
  return {
    ...stateOf(job),
    status: 'CANCELLED' satisfies FinalStatus,
    verdict: 'CANCELLED',
    updatedAt: now,
    completedAt: now,
    ...afterEnd(job, now),
  };
}

/** A job whose execution was refused is again as it was, but for the fence: the refused one shall never begin. */
export const restoredState = (before: JobState, { fence }: JobState): JobState => ({
  ...stateOf(before),
  fence,
});

/** The state alone, without the upload. */
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

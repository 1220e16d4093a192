/** The state machine of a job: each function gives the state that follows one event. */
import { randomUUID } from 'node:crypto';
import { type FinalStatus, type Verdict, statusOf } from '../common/report';
import type { JobState, Outcome } from './job';

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
  };
}

/** The next attempt begins; what the last one yielded is gone, but its logs stay readable. */
export function runningState(job: JobState, timeoutMs: number, now: string): JobState {
  return {
    ...pendingState(now),
    status: 'RUNNING',
    attempt: job.attempt + 1,
    timeoutMs,
    startedAt: now,
    logsAttempt: job.logsAttempt,
    fence: randomUUID(),
  };
}

export interface Ending {
  readonly verdict: Verdict;
  readonly outcome: Outcome | null;
  readonly hasLogs: boolean;
  readonly errorMessage: string | null;
}

export function finishedState(running: JobState, ending: Ending, now: string): JobState {
  return {
    ...running,
    status: statusOf(ending.verdict),
    verdict: ending.verdict,
    updatedAt: now,
    completedAt: now,
    outcome: ending.outcome,
    logsAttempt: ending.hasLogs ? running.attempt : running.logsAttempt,
    errorMessage: ending.errorMessage,
  };
}

/** A job that nobody executed is retired. */
export function retiredState(job: JobState, now: string): JobState {
  return {
    ...job,
    status: 'CANCELLED' satisfies FinalStatus,
    verdict: 'CANCELLED',
    updatedAt: now,
    completedAt: now,
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
  const { outcome, logsAttempt, errorMessage, fence } = job;
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
  };
}

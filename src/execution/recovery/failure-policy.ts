/** What becomes of an execution that something of ours has cut short: pure rules. */
import { isConnectError } from '../../common/http/connect-errors';
import { ProblemException } from '../../common/problems/problem.exception';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import type { Job, JobState } from '../../jobs/job';
import { finishedState, requeuedState } from '../../jobs/job-transitions';
import { isRefusal } from '../engine-clients/engine.client';

export interface AttemptFailure {
  /** A sentence for clients. */
  readonly message: string;
  /** Whether it counts as one of EXECUTION_ATTEMPTS_MAX: not when nothing was tried, or another try is bound to help. */
  readonly counts: boolean;
  /** ms until it is tried again; undefined: by the number of tries. */
  readonly delayMs?: number;
}

export const WORKER_LOST: AttemptFailure = {
  message: 'The process that ran this execution is gone.',
  counts: true,
  delayMs: 0,
};
export const SHUTDOWN: AttemptFailure = {
  message: 'The service was stopped while this execution was running.',
  counts: false,
  delayMs: 0,
};
export const ENGINE_TIMED_OUT: AttemptFailure = {
  message: 'The engine gave no result within EXECUTION_ENGINE_TIMEOUT.',
  counts: true,
};

export const UNEXPECTED_CANCELLATION: AttemptFailure = {
  message: 'The engine ended this execution although nobody had asked for it.',
  counts: true,
  delayMs: 0,
};

export const SAFE_AGAIN = 'It is safe to execute the job again.';

const FIRST_DELAY_MS = 2000;
const DELAY_GROWTH = 4;
const DELAY_MS_MAX = 60_000;
const BUSY_DELAY_MS = 1000;
/** ms since it was queued in which what is away does not count, since nothing was tried: the job is safe, and can wait. */
const PATIENCE_MS = 15 * 60 * 1000;

/** @param job in the attempt that the fault has ended */
export function failureOf(error: unknown, job: Job): AttemptFailure {
  if (!(error instanceof ProblemException)) return { message: 'The service failed.', counts: true };
  if (isAway(error)) {
    const queuedAt = Date.parse(job.dispatch?.queuedAt ?? '');
    const isPatient = Date.now() - queuedAt < PATIENCE_MS;
    return { message: error.detail, counts: !isPatient, delayMs: FIRST_DELAY_MS };
  }
  const isMomentary = error.code === 'engine-busy' || error.code === 'shutting-down';
  if (!isMomentary) return { message: error.detail, counts: true };
  const retryAfterS = Number(error.extras.headers?.['retry-after']);
  return {
    message: error.detail,
    counts: false,
    delayMs: retryAfterS > 0 ? retryAfterS * 1000 : BUSY_DELAY_MS,
  };
}

/** Of an engine only when it was certainly not reached. */
const isAway = (error: ProblemException): boolean =>
  error instanceof StorageUnavailableError ||
  (error.code === 'engine-unavailable' && isConnectError(error.extras.cause));

/** Whether the engine refused before anything ran, so that a client that waits may be told so. */
export const wasRejectedByEngine = (error: unknown): boolean =>
  error instanceof ProblemException && isRefusal(error.code);

/**
 * The state after a fault: queued again while there are tries left, where a request is kept; otherwise FAILED, or CANCELLED
 * when a client wants its end anyway.
 * @param running the job, in the attempt that has ended
 */
export function stateAfterFailure(
  running: Job,
  fault: AttemptFailure,
  attemptsMax: number,
  now: Date,
): JobState {
  const { dispatch, cancelRequested } = running;
  const at = now.toISOString();
  const ending = { outcome: null, hasLogs: false };
  if (cancelRequested)
    return finishedState(running, { ...ending, verdict: 'CANCELLED', errorMessage: fault.message }, at);
  if (dispatch && dispatch.requestKey !== null && (!fault.counts || dispatch.tries < attemptsMax)) {
    const dueAt = new Date(now.getTime() + delayMsOf(fault, dispatch.tries)).toISOString();
    return requeuedState(running, dispatch, { counts: fault.counts, dueAt }, at);
  }
  const tries = dispatch && dispatch.tries > 1 ? ` It was tried ${dispatch.tries.toString()} times.` : '';
  const errorMessage = `${fault.message}${tries} ${SAFE_AGAIN}`;
  return finishedState(running, { ...ending, verdict: 'ENGINE_ERROR', errorMessage }, at);
}

const delayMsOf = ({ delayMs }: AttemptFailure, tries: number): number =>
  delayMs ?? Math.min(FIRST_DELAY_MS * DELAY_GROWTH ** Math.max(0, tries - 1), DELAY_MS_MAX);

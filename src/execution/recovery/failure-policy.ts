import { type Backoff, backoffMs } from '../../common/async/backoff';
import { isConnectError } from '../../common/http/connect-errors';
import { ProblemException } from '../../common/problems/problem.exception';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import type { Job, JobState } from '../../jobs/job';
import { finishedState, requeuedState } from '../../jobs/job-transitions';
import { isEngineRejection } from '../engine-clients/engine.client';

/** Why an attempt failed although its program did nothing wrong. */
export interface AttemptFailure {
  /** A sentence for API clients. */
  readonly message: string;
  /** Whether the attempt counts towards EXECUTION_ATTEMPTS_MAX. It does not when nothing ran, or when the failure is only temporary. */
  readonly counts: boolean;
  /** Milliseconds before the next attempt; undefined: RETRY_BACKOFF applies. */
  readonly delayMs?: number;
}

export const WORKER_LOST: AttemptFailure = {
  message: 'The process that ran this execution stopped responding.',
  counts: true,
  delayMs: 0,
};

export const SHUTDOWN: AttemptFailure = {
  message: 'The service was shut down while this execution was running.',
  counts: false,
  delayMs: 0,
};

export const ENGINE_TIMED_OUT: AttemptFailure = {
  message: 'The engine returned no result within EXECUTION_ENGINE_TIMEOUT.',
  counts: true,
};

export const UNEXPECTED_CANCELLATION: AttemptFailure = {
  message: 'The engine cancelled this execution although no client requested it.',
  counts: true,
  delayMs: 0,
};

/** The last sentence of the error message of a job that FAILED because of the service and not because of its program. */
export const SAFE_TO_EXECUTE_AGAIN = 'It is safe to execute the job again.';

const RETRY_BACKOFF: Backoff = { firstMs: 2000, factor: 4, maxMs: 60_000 };
const BUSY_DELAY_MS = 1000;
/** Milliseconds after queueing during which an unavailable engine or storage does not count: nothing ran, and the job can wait. */
const UNAVAILABLE_MS_MAX = 15 * 60 * 1000;

/**
 * Derives from an error why the attempt failed, and whether it counts.
 * @param job RUNNING, in the attempt that the error ended
 */
export function classifyFailure(error: unknown, job: Job): AttemptFailure {
  if (!(error instanceof ProblemException))
    return { message: 'The service failed with an internal error.', counts: true };
  if (isUnavailable(error)) {
    const queuedAt = Date.parse(job.dispatch?.queuedAt ?? '');
    const canWait = Date.now() - queuedAt < UNAVAILABLE_MS_MAX;
    return {
      message: error.detail,
      counts: !canWait,
      delayMs: RETRY_BACKOFF.firstMs,
    };
  }
  const isTemporary = error.code === 'engine-busy' || error.code === 'shutting-down';
  if (!isTemporary) return { message: error.detail, counts: true };
  const retryAfterS = Number(error.extras.headers?.['retry-after']);
  return {
    message: error.detail,
    counts: false,
    delayMs: retryAfterS > 0 ? retryAfterS * 1000 : BUSY_DELAY_MS,
  };
}

/** An engine counts as unavailable only when no connection was made, so that the program certainly did not run. */
const isUnavailable = (error: ProblemException): boolean =>
  error instanceof StorageUnavailableError ||
  (error.code === 'engine-unavailable' && isConnectError(error.extras.cause));

/** Whether the engine rejected the execution before anything ran; a synchronous client then receives the same problem. */
export const wasRejectedByEngine = (error: unknown): boolean =>
  error instanceof ProblemException && isEngineRejection(error.code);

/**
 * The state after a failed attempt: CANCELLED when a client requested it; QUEUED again for an asynchronous execution with
 * attempts left; otherwise FAILED.
 * @param running the job, in the failed attempt
 */
export function stateAfterFailure(
  running: Job,
  failure: AttemptFailure,
  attemptsMax: number,
  now: Date,
): JobState {
  const { dispatch, cancelRequested } = running;
  const at = now.toISOString();
  if (cancelRequested) {
    const completion = {
      verdict: 'CANCELLED',
      outcome: null,
      hasLogs: false,
      errorMessage: failure.message,
    } as const;
    return finishedState(running, completion, at);
  }
  if (dispatch && dispatch.requestKey !== null && (!failure.counts || dispatch.tries < attemptsMax)) {
    const dueAt = new Date(now.getTime() + delayMsOf(failure, dispatch.tries)).toISOString();
    return requeuedState(running, dispatch, { isAttemptCounted: failure.counts, dueAt }, at);
  }
  const attempts =
    dispatch && dispatch.tries > 1 ? ` It was attempted ${dispatch.tries.toString()} times.` : '';
  const completion = {
    verdict: 'ENGINE_ERROR',
    outcome: null,
    hasLogs: false,
    errorMessage: `${failure.message}${attempts} ${SAFE_TO_EXECUTE_AGAIN}`,
  } as const;
  return finishedState(running, completion, at);
}

/** @param attempts attempts made so far that count */
const delayMsOf = ({ delayMs }: AttemptFailure, attempts: number): number =>
  delayMs ?? backoffMs(RETRY_BACKOFF, Math.max(0, attempts - 1));

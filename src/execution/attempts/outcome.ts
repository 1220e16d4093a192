import type { ExecutionReport } from '../../engine-contract/report';
import type { Job, Outcome } from '../../jobs/job';

/** Measured on this gateway; ms since the attempt started. */
export interface AttemptTimes {
  /** Milliseconds from the start of the attempt until code and input were fetched. */
  readonly fetchMs: number;
  /** Milliseconds from the start of the attempt until the outcome was determined. */
  readonly totalMs: number;
}

/** @param job RUNNING, in the attempt that the report is about */
export function toOutcome(report: ExecutionReport, job: Job, times: AttemptTimes): Outcome {
  const {
    verdict: _verdict,
    errorMessage: _errorMessage,
    completedAt: _completedAt,
    compileCached,
    sandbox,
    queuedMs,
    ...outcome
  } = report;
  const { compile, resource } = outcome;
  const waitMs = queueWaitMs(job);
  return {
    ...outcome,
    timings: {
      queuedMs: waitMs + queuedMs,
      fetchMs: times.fetchMs,
      compileMs: compileCached ? 0 : (compile?.resource.executionTimeMs ?? null),
      compileCached,
      sandbox,
      runMs: resource?.executionTimeMs ?? null,
      totalMs: waitMs + times.totalMs,
    },
  };
}

/** Milliseconds between queueing and start. The two times may come from the clocks of two processes, so it is at least 0. */
function queueWaitMs({ dispatch, startedAt }: Job): number {
  if (!dispatch?.queuedAt || startedAt === null) return 0;
  return Math.max(0, Date.parse(startedAt) - Date.parse(dispatch.queuedAt));
}

/** How an execution ends that was stopped. */
import type { ExecutionReport } from '../../engine-contract/report';
import type { Completion } from '../../jobs/job-transitions';
import { ENGINE_TIMED_OUT, type AttemptFailure, SAFE_AGAIN, SHUTDOWN } from '../recovery/failure-policy';
import type { StopCause } from './active-executions';

/** A stop that no client asked for is a failure of ours, never the program's. */
export function completionAfterStop(
  report: ExecutionReport,
  cause: StopCause | undefined,
): Omit<Completion, 'outcome'> {
  switch (cause) {
    case undefined:
    case 'cancel':
    case 'lease-lost':
      return { verdict: report.verdict, hasLogs: true, errorMessage: report.errorMessage };
    case 'client-disconnected':
      return {
        verdict: 'CANCELLED',
        hasLogs: true,
        errorMessage: 'The client closed the connection before the execution ended.',
      };
    case 'engine-timeout':
      return failure(ENGINE_TIMED_OUT);
    case 'shutdown':
      return failure(SHUTDOWN);
  }
}

const failure = ({ message }: AttemptFailure): Omit<Completion, 'outcome'> => ({
  verdict: 'ENGINE_ERROR',
  hasLogs: true,
  errorMessage: `${message} ${SAFE_AGAIN}`,
});

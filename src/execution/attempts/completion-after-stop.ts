import type { ExecutionReport } from '../../engine-contract/report';
import type { Completion } from '../../jobs/job-transitions';
import {
  type AttemptFailure,
  ENGINE_TIMED_OUT,
  SAFE_TO_EXECUTE_AGAIN,
  SHUTDOWN,
} from '../recovery/failure-policy';
import type { StopCause } from './active-executions';

/**
 * The completion of an attempt that ended with a report. A stop that no client requested is a failure of the service, never of
 * the program.
 */
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
      return completionAfterFailure(ENGINE_TIMED_OUT);
    case 'shutdown':
      return completionAfterFailure(SHUTDOWN);
  }
}

const completionAfterFailure = ({ message }: AttemptFailure): Omit<Completion, 'outcome'> => ({
  verdict: 'ENGINE_ERROR',
  hasLogs: true,
  errorMessage: `${message} ${SAFE_TO_EXECUTE_AGAIN}`,
});

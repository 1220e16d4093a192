/** How an execution ends that was stopped. */
import type { ExecutionReport } from '../common/report';
import type { Ending } from '../jobs/job-transitions';
import { ENGINE_SILENT, type Fault, SAFE_AGAIN, SHUTDOWN } from './faults';
import type { StopCause } from './running-jobs';

/** A stop that no client asked for is a failure of ours, never the program's. */
export function endingOf(report: ExecutionReport, cause: StopCause | undefined): Omit<Ending, 'outcome'> {
  switch (cause) {
    case undefined:
    case 'cancel':
    case 'lease-lost':
      return { verdict: report.verdict, hasLogs: true, errorMessage: report.errorMessage };
    case 'hang-up':
      return {
        verdict: 'CANCELLED',
        hasLogs: true,
        errorMessage: 'The client closed the connection before the execution ended.',
      };
    case 'engine-timeout':
      return failure(ENGINE_SILENT);
    case 'shutdown':
      return failure(SHUTDOWN);
  }
}

const failure = ({ message }: Fault): Omit<Ending, 'outcome'> => ({
  verdict: 'ENGINE_ERROR',
  hasLogs: true,
  errorMessage: `${message} ${SAFE_AGAIN}`,
});

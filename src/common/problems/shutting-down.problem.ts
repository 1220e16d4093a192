/** The problem of an execution that comes too late. */
import { ProblemException } from './problem.exception';

const RETRY_AFTER_SECONDS = '5';

export const shuttingDownProblem = (): ProblemException =>
  new ProblemException('shutting-down', 'This instance is being stopped and takes no new executions.', {
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
  });

import { ProblemException } from './problem.exception';

const RETRY_AFTER_SECONDS = '5';

export const shuttingDownProblem = (): ProblemException =>
  new ProblemException('shutting-down', 'This instance is shutting down and accepts no new executions.', {
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
  });

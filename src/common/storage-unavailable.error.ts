/** The storage could not be reached or refused to work; the cause is for the log. */
import { ProblemException } from './problems/problem.exception';

export class StorageUnavailableError extends ProblemException {
  constructor(cause: unknown) {
    super('storage-unavailable', 'The storage does not work at the moment.', { cause });
  }
}

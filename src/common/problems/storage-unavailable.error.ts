/** The storage could not be reached or refused to work; the cause is for the log. */
import { ProblemException } from './problem.exception';

export interface StorageFault {
  /** A sentence for operators that names the part at fault; it says nothing internal. */
  readonly explanation?: string;
  /** Whether a write may have been made, or be made later, although its answer is this fault. */
  readonly mayHaveHappened?: boolean;
}

export class StorageUnavailableError extends ProblemException {
  readonly explanation: string | undefined;
  readonly mayHaveHappened: boolean;

  constructor(cause: unknown, { explanation, mayHaveHappened = false }: StorageFault = {}) {
    super('storage-unavailable', 'The storage does not work at the moment.', { cause });
    this.explanation = explanation;
    this.mayHaveHappened = mayHaveHappened;
  }
}

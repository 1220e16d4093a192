/** The storage could not be reached or refused to work; the cause is for the log. */
import { ProblemException } from './problem.exception';

export interface StorageUnavailableOptions {
  /** A sentence for operators that names the part at fault; it says nothing internal. */
  readonly explanation?: string;
  /** Whether a write may have been made, or be made later, although its answer is this fault. */
  readonly isWriteUncertain?: boolean;
}

export class StorageUnavailableError extends ProblemException {
  readonly explanation: string | undefined;
  readonly isWriteUncertain: boolean;

  constructor(cause: unknown, { explanation, isWriteUncertain = false }: StorageUnavailableOptions = {}) {
    super('storage-unavailable', 'The storage does not work at the moment.', { cause });
    this.explanation = explanation;
    this.isWriteUncertain = isWriteUncertain;
  }
}

import { ProblemException } from './problem.exception';

export interface StorageUnavailableOptions {
  /** A sentence for operators that names the failing part, without internals. Health responses contain it. */
  readonly explanation?: string;
  /** Whether the write may have taken effect, or may still take effect, although the call failed. Default: false. */
  readonly isWriteUncertain?: boolean;
}

/** The storage could not be reached or rejected the operation. */
export class StorageUnavailableError extends ProblemException {
  readonly explanation: string | undefined;
  readonly isWriteUncertain: boolean;

  constructor(cause: unknown, { explanation, isWriteUncertain = false }: StorageUnavailableOptions = {}) {
    super('storage-unavailable', 'The storage is currently unavailable.', { cause });
    this.explanation = explanation;
    this.isWriteUncertain = isWriteUncertain;
  }
}

/** The port to wherever the whole output of executions is kept. */
import type { OutputChunk } from '../engine-contract/report';

/** Every method throws StorageUnavailableError when the storage does not work. */
export abstract class LogRepository {
  /** Keeps the output of one attempt durably, whole or not at all; what an earlier put left is replaced. */
  abstract put(jobId: string, attempt: number, chunks: readonly OutputChunk[]): Promise<void>;
  /** Undefined when this attempt has no logs. */
  abstract get(jobId: string, attempt: number): Promise<AsyncIterable<OutputChunk> | undefined>;
}

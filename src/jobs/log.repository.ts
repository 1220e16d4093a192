import type { OutputChunk } from '../engine-contract/report';

/**
 * Port to the complete output of attempts.
 * Every method throws StorageUnavailableError if the storage is unavailable.
 */
export abstract class LogRepository {
  /** Stores the output of one attempt durably and atomically. Replaces what an earlier call stored. */
  abstract put(jobId: string, attempt: number, chunks: readonly OutputChunk[]): Promise<void>;
  /** @returns undefined if this attempt has no logs */
  abstract get(jobId: string, attempt: number): Promise<AsyncIterable<OutputChunk> | undefined>;
}

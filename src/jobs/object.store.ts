/**
 * Port to the store of text objects: uploaded code and the requests of queued executions.
 * Every method throws StorageUnavailableError if the storage is unavailable.
 */
export abstract class ObjectStore {
  /**
   * Stores an object durably and atomically before it returns. Objects are immutable; repeating the call is safe.
   * @param language of the code, kept as metadata
   * @throws StorageUnavailableError also if another text is stored under this key
   */
  abstract put(key: string, text: string, language: string): Promise<void>;
  /** @throws StorageUnavailableError also if there is no such object, or if it is not what was stored */
  abstract get(key: string): Promise<string>;
  /** Deleting an object that does not exist is not an error. */
  abstract delete(key: string): Promise<void>;
  /** @throws StorageUnavailableError if the store cannot be used at the moment */
  abstract ping(): Promise<void>;
}

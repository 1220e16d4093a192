/** The port to wherever uploaded code is kept. */

/** Every method throws StorageUnavailableError when the storage does not work. */
export abstract class ObjectStore {
  /**
   * Keeps the code durably, whole or not at all, before it returns. Code is written once: a repetition changes nothing.
   * @param language of the code, kept beside it
   * @throws StorageUnavailableError also when there is other code under this key
   */
  abstract put(key: string, code: string, language: string): Promise<void>;
  /** @throws StorageUnavailableError also when there is no code under this key, or not what was put */
  abstract get(key: string): Promise<string>;
  abstract delete(key: string): Promise<void>;
  abstract ping(): Promise<void>;
}

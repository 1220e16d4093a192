/** The port to wherever calls to clients are kept that are still to be made. */

export interface Webhook {
  /** Of the execution: the same whenever it is called again. At most 128 characters. */
  readonly id: string;
  readonly jobId: string;
  readonly url: string;
  /** What is sent, as it is sent. */
  readonly body: string;
  /** RFC 3339 in UTC with milliseconds, like every time of a callback. */
  readonly createdAt: string;
  /** When it is to be called next. */
  readonly dueAt: string;
  /** Calls made so far. */
  readonly tries: number;
}

/** Every method throws StorageUnavailableError when the storage does not work. */
export abstract class WebhookRepository {
  /** Keeps it durably before it returns; repeated with the same id, it changes nothing. */
  abstract create(callback: Webhook): Promise<void>;
  /** Those whose `dueAt` is not after `now` (RFC 3339), longest due first. One that became due a moment ago may be missing. */
  abstract findDue(now: string, limit: number): Promise<readonly Webhook[]>;
  /**
   * One conditional write, by which one of several processes takes a callback for itself: sets `dueAt` and `tries`, when it
   * is still there as it was seen. Of several that saw the same, also when they want the same, exactly one is told true.
   * @param dueAt another one than was seen
   * @returns false when another one has taken it, or it is gone
   */
  abstract postpone(seen: Webhook, dueAt: string, tries: number): Promise<boolean>;
  /** Removing one that is not there is no fault. */
  abstract remove(id: string): Promise<void>;
}

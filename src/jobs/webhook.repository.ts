/** A POST to a client's `callback_url` that is still to be delivered. */
export interface Webhook {
  /** The id of the execution; the same for every delivery attempt. At most 128 characters. */
  readonly id: string;
  readonly jobId: string;
  readonly url: string;
  /** Sent as it is. */
  readonly body: string;
  /** RFC 3339 in UTC with milliseconds, like every time of a webhook. */
  readonly createdAt: string;
  /** The time of the next delivery attempt. */
  readonly dueAt: string;
  /** Delivery attempts so far. */
  readonly tries: number;
}

/**
 * Port to the webhooks that are still to be delivered.
 * Every method throws StorageUnavailableError if the storage is unavailable.
 */
export abstract class WebhookRepository {
  /** Returns after the webhook is stored durably. A webhook whose id is stored already changes nothing. */
  abstract create(webhook: Webhook): Promise<void>;
  /**
   * Webhooks whose `dueAt` is not after `now` (RFC 3339), the longest overdue first. One that has just become due may be
   * missing.
   */
  abstract findDue(now: string, limit: number): Promise<readonly Webhook[]>;
  /**
   * Claims a webhook for this process: sets `dueAt` and `tries` if it is still stored as it was seen. One conditional write: of
   * concurrent calls, even with equal arguments, exactly one returns true.
   * @param dueAt must differ from the one that was seen
   * @returns false if another process has claimed it, or if it was removed
   */
  abstract postpone(seen: Webhook, dueAt: string, tries: number): Promise<boolean>;
  /** Removing a webhook that does not exist is not an error. */
  abstract remove(id: string): Promise<void>;
}

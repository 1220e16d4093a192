/**
 * Wakes a worker up for a queued execution. The job is the source of truth: a message whose job is no longer QUEUED with this
 * fencing token is obsolete. So duplicate and late messages do no harm, and the reconciler replaces lost ones.
 */
export interface QueueMessage {
  readonly jobId: string;
  readonly fence: string;
}

/** A received copy of a message. */
export interface Delivery {
  readonly message: QueueMessage;
  /** Removes the message: it was processed. */
  acknowledge(): Promise<void>;
  /**
   * Returns the message to the queue for any receiver.
   * @param delayMs until it may be delivered again; a queue may round it up to its own unit
   */
  release(delayMs: number): Promise<void>;
}

/**
 * Port to the queue of asynchronous executions.
 * Every method throws StorageUnavailableError if the queue is unavailable.
 */
export abstract class ExecutionQueue {
  /** Returns after the message is stored durably. */
  abstract send(message: QueueMessage): Promise<void>;
  /**
   * Waits for messages. If a receiver dies before it acknowledges or releases a delivery, the message is delivered again.
   * @param countMax 1 to 10
   * @returns at least one delivery, or none if the signal aborts
   */
  abstract receive(countMax: number, signal: AbortSignal): Promise<readonly Delivery[]>;
  /** Removes a message if the queue supports it. Otherwise its receiver finds that it is obsolete. */
  abstract remove(message: QueueMessage): Promise<void>;
  /** @returns the position of an undelivered message, 1 for the next one; undefined if the queue cannot know it */
  abstract findPosition(message: QueueMessage): Promise<number | undefined>;
  /** @throws StorageUnavailableError if messages can neither be sent nor received */
  abstract ping(): Promise<void>;
}

/** The port to the queue of executions that nobody waits for on a connection. */

/**
 * Says that a job may be begun. The job itself is the truth: a message about one that is not QUEUED with this fence any more
 * means nothing, so that one that comes twice, or late, does no harm, and one that is lost is sent again.
 */
export interface QueueMessage {
  readonly jobId: string;
  readonly fence: string;
}

export interface Delivery {
  readonly message: QueueMessage;
  /** It was taken care of, and comes no more. */
  acknowledge(): Promise<void>;
  /** It comes again, to whoever asks then. @param ms from now; a queue may round it to its own unit */
  release(ms: number): Promise<void>;
}

/** Every method throws StorageUnavailableError when the queue does not work. */
export abstract class ExecutionQueue {
  /** Keeps the message durably before it returns. */
  abstract send(message: QueueMessage): Promise<void>;
  /**
   * Waits until there is a message, and gives at most `countMax`; none when the signal aborts. A delivery that is neither
   * accepted nor given back, because its receiver died, comes again.
   * @param countMax 1 to 10
   */
  abstract receive(countMax: number, signal: AbortSignal): Promise<readonly Delivery[]>;
  /** Takes a message out, where the queue can; elsewhere whoever gets it finds that it means nothing any more. */
  abstract remove(message: QueueMessage): Promise<void>;
  /** How many are delivered up to this one, 1 for the next; undefined where the queue cannot know, or has it no more. */
  abstract findPosition(message: QueueMessage): Promise<number | undefined>;
  /** @throws StorageUnavailableError when messages can neither be sent nor received now */
  abstract ping(): Promise<void>;
}

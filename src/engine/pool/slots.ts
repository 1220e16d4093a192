import { onAbort } from '../../common/async/abort';
import { EngineBusyError } from './engine-busy.error';
import { type FairQueueEntry, FairQueue } from './fair-queue';
import { HoldTimeEstimator } from './hold-time-estimator';

/** Seconds. A client should retry after this time even when the estimate is longer. */
const RETRY_AFTER_S_MAX = 300;

/** Returns the slot. Calls after the first one have no effect. */
export type Release = () => void;

interface SlotRequest extends FairQueueEntry {
  readonly admit: (release: Release) => void;
  readonly reject: (error: EngineBusyError) => void;
}

/** The slots of an engine, and a bounded queue for them that is fair between clients. */
export class Slots {
  private used = 0;
  private readonly queue = new FairQueue<SlotRequest>();
  private readonly holdTimes = new HoldTimeEstimator();
  private readonly idleListeners: (() => void)[] = [];

  /**
   * @param size number of programs that may run at a time
   * @param queueMax number of callers that may wait; 0 rejects every caller that finds no free slot
   */
  constructor(
    private readonly size: number,
    private readonly queueMax: number,
  ) {}

  /** Number of slots that are neither in use nor about to be assigned to a waiting caller. */
  get free(): number {
    return this.queue.length > 0 ? 0 : this.size - this.used;
  }

  /** @param listener called whenever a slot is released and the queue is empty; must not throw */
  onIdle(listener: () => void): void {
    this.idleListeners.push(listener);
  }

  /**
   * Waits for a slot.
   * @param client identifies the caller: waiting clients receive slots in turn, and none can fill the queue alone
   * @returns undefined when the signal aborts first
   * @throws EngineBusyError when all slots are in use and the queue is full; also while the caller waits, when a client
   *   with fewer queued requests needs its position
   */
  async acquire(client: string, signal: AbortSignal): Promise<Release | undefined> {
    if (signal.aborted) return undefined;
    if (this.used < this.size) return this.occupy();
    if (this.queue.length >= this.queueMax) this.evictFor(client);
    return this.enqueue(client, signal);
  }

  private enqueue(client: string, signal: AbortSignal): Promise<Release | undefined> {
    return new Promise((resolve, reject) => {
      const request: SlotRequest = {
        client,
        admit: (release) => {
          removeListener();
          resolve(release);
        },
        reject: (error) => {
          removeListener();
          reject(error);
        },
      };
      const removeListener = onAbort(signal, () => {
        this.queue.remove(request);
        resolve(undefined);
      });
      this.queue.enqueue(request);
    });
  }

  /** @throws EngineBusyError when no other client has more queued requests than this one */
  private evictFor(client: string): void {
    // Calculated while the queue is full, because the new request fills the position again.
    const error = this.busyError();
    const evicted = this.queue.evictFor(client);
    if (!evicted) throw error;
    evicted.reject(error);
  }

  private occupy(): Release {
    this.used += 1;
    const endHold = this.holdTimes.startHold();
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.used -= 1;
      endHold();
      const next = this.queue.dequeue();
      if (next) next.admit(this.occupy());
      else for (const listener of this.idleListeners) listener();
    };
  }

  /**
   * Assumes that all slots are released once in every mean hold time. After as many of these rounds as it takes to start
   * every queued request and one more, a rejected caller finds a free slot.
   */
  private busyError(): EngineBusyError {
    const rounds = Math.ceil((this.queue.length + 1) / this.size);
    const seconds = Math.ceil((this.holdTimes.meanMs() * rounds) / 1000);
    return new EngineBusyError(Math.min(Math.max(1, seconds), RETRY_AFTER_S_MAX));
  }
}

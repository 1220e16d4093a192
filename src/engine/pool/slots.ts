/** Slots for executions, and a bounded line of those who wait for one, fair between clients. */
import { onAbort } from '../../common/async/abort';
import { EngineBusyError } from './engine-busy.error';
import { HoldTimeEstimator } from './hold-time-estimator';
import { ReturnTimes } from './return-times';
import { type FairQueueEntry, FairQueue } from './fair-queue';

/** Of the time that a client is told: the load that it comes from makes holds longer than those that were measured. */
const RESERVE = 1.25;
/** Full lines that may have been promised to one client: a burst may be that large, one that asks on and on is no burst. */
const PROMISED_LINES_MAX = 10;

/** Gives the slot back; works once. */
export type Release = () => void;

interface SlotRequest extends FairQueueEntry {
  readonly admit: (release: Release) => void;
  readonly refuse: (problem: EngineBusyError) => void;
}

export class Slots {
  private taken = 0;
  private readonly line = new FairQueue<SlotRequest>();
  private readonly holds = new HoldTimeEstimator();
  private readonly returns = new ReturnTimes();
  private readonly idlers: (() => void)[] = [];

  constructor(
    private readonly size: number,
    private readonly queueMax: number,
  ) {}

  /** Slots that nobody uses or waits for. */
  get free(): number {
    return this.line.length > 0 ? 0 : this.size - this.taken;
  }

  /** @param callback called whenever a slot came free and nobody waits for it; must not throw */
  onIdle(callback: () => void): void {
    this.idlers.push(callback);
  }

  /**
   * Waits for a slot.
   * @param client who asks: slots go to those who wait in turn, and no client fills the line for the others
   * @returns undefined when the signal aborts first
   * @throws EngineBusyError when every slot and every waiting place is taken; also while it waits, when
   *   a client with fewer places needs this one
   */
  async acquire(client: string, signal: AbortSignal): Promise<Release | undefined> {
    if (signal.aborted) return undefined;
    if (this.taken < this.size) return this.take();
    const displaced = this.line.length >= this.queueMax ? this.makeRoom(client) : undefined;
    const admission = this.wait(client, signal);
    // Only now: the time that it is told counts the client that has its place.
    displaced?.refuse(this.busy(displaced.client));
    return admission;
  }

  private wait(client: string, signal: AbortSignal): Promise<Release | undefined> {
    return new Promise((resolve, reject) => {
      const place: SlotRequest = {
        client,
        admit: (release) => {
          removeListener();
          resolve(release);
        },
        refuse: (problem) => {
          removeListener();
          reject(problem);
        },
      };
      const removeListener = onAbort(signal, () => {
        this.line.leave(place);
        resolve(undefined);
      });
      this.line.join(place);
    });
  }

  /** @throws EngineBusyError when no other client has more places than this one */
  private makeRoom(client: string): SlotRequest {
    const displaced = this.line.displaceFor(client);
    if (!displaced) throw this.busy(client);
    return displaced;
  }

  private take(): Release {
    this.taken += 1;
    const endHold = this.holds.begin();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.taken -= 1;
      endHold();
      const next = this.line.next();
      if (next) next.admit(this.take());
      else for (const callback of this.idlers) callback();
    };
  }

  /** Each slot that is given back frees a place, and of those every client in the line gets one in its turn. */
  private busy(client: string): EngineBusyError {
    const rivals = Math.max(1, this.line.clients + (this.line.has(client) || this.queueMax === 0 ? 0 : 1));
    const intervalMs = (RESERVE * this.holds.lengthMs() * rivals) / this.size;
    const seconds = this.returns.tell(
      // Without a line there are no turns: all who were refused come back for the same slots.
      this.queueMax === 0 ? '' : client,
      RESERVE * this.holds.untilReleased(rivals),
      intervalMs,
      PROMISED_LINES_MAX * (this.size + this.queueMax),
    );
    return new EngineBusyError(seconds);
  }
}

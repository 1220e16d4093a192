/** Slots for executions, and a bounded line of those who wait for one, first come first served. */
import { ProblemException } from '../../common/problems/problem.exception';

/** Weight of the newest hold in the running mean. */
const SMOOTHING = 0.2;

interface Waiter {
  readonly admit: (release: () => void) => void;
}

export class Slots {
  private taken = 0;
  private readonly line: Waiter[] = [];
  private meanHoldMs = 1000;

  constructor(
    private readonly size: number,
    private readonly queueMax: number,
  ) {}

  /**
   * Waits for a slot; the function that it gives returns the slot, and works once.
   * @returns undefined when the signal aborts first
   * @throws ProblemException `engine-busy` when every slot and every waiting place is taken
   */
  async acquire(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    if (this.taken < this.size) return this.take();
    if (this.line.length >= this.queueMax) throw this.busy();
    return new Promise((resolve) => {
      const waiter: Waiter = {
        admit: (release) => {
          signal.removeEventListener('abort', leave);
          resolve(release);
        },
      };
      const leave = (): void => {
        this.line.splice(this.line.indexOf(waiter), 1);
        resolve(undefined);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.line.push(waiter);
    });
  }

  private take(): () => void {
    this.taken += 1;
    const since = performance.now();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.taken -= 1;
      this.meanHoldMs += SMOOTHING * (performance.now() - since - this.meanHoldMs);
      this.line.shift()?.admit(this.take());
    };
  }

  /** When a place in the line is likely to come free, from how long slots were held of late. */
  private busy(): ProblemException {
    const seconds = Math.max(1, Math.ceil((this.meanHoldMs * (this.line.length + 1)) / this.size / 1000));
    return new ProblemException(
      'engine-busy',
      `Every slot and every waiting place is taken; try again in ${seconds.toString()} s.`,
      {
        headers: { 'retry-after': seconds.toString() },
      },
    );
  }
}

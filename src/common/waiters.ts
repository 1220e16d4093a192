/** Those who wait for something to become true, and are woken whenever it may have. */
import { deferred } from './deferred';

export class Waiters {
  private readonly looks = new Set<() => void>();

  /** How many wait. */
  get size(): number {
    return this.looks.size;
  }

  /** Waits until it is so, or the signal aborts; leaves no listener behind. */
  async until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isSo() && !signal.aborted) {
      const { promise, resolve } = deferred();
      const look = (): void => {
        resolve();
      };
      this.looks.add(look);
      signal.addEventListener('abort', look, { once: true });
      await promise;
      this.looks.delete(look);
      signal.removeEventListener('abort', look);
    }
  }

  wake(): void {
    for (const look of [...this.looks]) look();
  }
}

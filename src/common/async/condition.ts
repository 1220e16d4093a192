import { onAbort } from './abort';
import { deferred } from './deferred';

/** A condition variable: callers wait for a state, and `notifyAll` makes each of them check it again. */
export class Condition {
  private readonly waiters = new Set<() => void>();

  /** Callers that wait. */
  get size(): number {
    return this.waiters.size;
  }

  /** Waits until `predicate` holds or the signal aborts. */
  async waitUntil(predicate: () => boolean, signal: AbortSignal): Promise<void> {
    while (!predicate() && !signal.aborted) {
      const { promise, resolve } = deferred();
      const wake = (): void => {
        resolve();
      };
      this.waiters.add(wake);
      const removeListener = onAbort(signal, wake);
      await promise;
      this.waiters.delete(wake);
      removeListener();
    }
  }

  notifyAll(): void {
    for (const wake of [...this.waiters]) wake();
  }
}

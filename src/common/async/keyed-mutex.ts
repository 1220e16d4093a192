import { withTimeout } from './with-timeout';

/** Runs work with the same key one at a time, within this process. */
export class KeyedMutex {
  private readonly running = new Map<string, Promise<unknown>>();

  /** @param waitMsMax ms after which waiting work starts beside the work that still runs */
  constructor(private readonly waitMsMax: number) {}

  /** @throws the error of `work`; errors of other work with the same key are ignored */
  async runExclusive<T>(key: string, work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.waitMsMax;
    // When several callers wait, the first to wake runs next, and the others wait for it.
    for (let other = this.running.get(key); other; other = this.running.get(key)) {
      const remainingMs = deadline - performance.now();
      if (remainingMs <= 0) break;
      await withTimeout(remainingMs, other);
    }
    const result = work();
    const settled = result.catch(() => undefined);
    this.running.set(key, settled);
    try {
      return await result;
    } finally {
      if (this.running.get(key) === settled) this.running.delete(key);
    }
  }
}

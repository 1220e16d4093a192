/** One at a time under each name, of this process. */
import { within } from '../within';

export class Turns {
  private readonly taken = new Map<string, Promise<unknown>>();

  /** @param waitMsMax ms after which whoever waits for its turn goes on beside the others */
  constructor(private readonly waitMsMax: number) {}

  /** @throws whatever the work throws; that of others means nothing here */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const until = performance.now() + this.waitMsMax;
    // Of many who wait for one, the first takes the next turn, and the others wait for that.
    for (let taken = this.taken.get(name); taken; taken = this.taken.get(name)) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) break;
      await within(leftMs, taken);
    }
    const result = work();
    const ended = result.catch(() => undefined);
    this.taken.set(name, ended);
    try {
      return await result;
    } finally {
      if (this.taken.get(name) === ended) this.taken.delete(name);
    }
  }
}

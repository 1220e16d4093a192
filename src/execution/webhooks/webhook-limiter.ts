/** Calls that are made at a time, and those that wait: a slow receiver holds up itself alone. */
import { type Deferred, deferred } from '../../common/async/deferred';

const RUNNING_MAX = 16;
const RUNNING_MAX_OF_HOST = 2;
/** More wait in the storage, where they take no memory. */
export const WAITING_WEBHOOKS_MAX = 64;
const WAITING_MAX_OF_HOST = 16;

interface Entry {
  readonly id: string;
  readonly host: string;
  readonly work: () => Promise<void>;
  readonly ended: Deferred<void>;
}

export class WebhookLimiter {
  private readonly running = new Set<Entry>();
  private readonly waiting: Entry[] = [];
  private isClosed = false;

  has(id: string): boolean {
    return [...this.running, ...this.waiting].some((entry) => entry.id === id);
  }

  /**
   * Does the work when it is its turn.
   * @param work never rejects
   * @returns a promise of its end, or of the end of the line before that; undefined when there is no room
   */
  tryRun(id: string, host: string, work: () => Promise<void>): Promise<void> | undefined {
    if (this.isClosed || !this.hasRoom(host)) return undefined;
    const ended = deferred();
    this.waiting.push({ id, host, work, ended });
    this.next();
    return ended.promise;
  }

  /** Forgets what waits, and waits for what runs. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const { ended } of this.waiting.splice(0)) ended.resolve();
    await Promise.all([...this.running].map(({ ended }) => ended.promise));
  }

  private hasRoom(host: string): boolean {
    if (this.mayRun(host)) return true;
    return this.waiting.length < WAITING_WEBHOOKS_MAX && countOf(this.waiting, host) < WAITING_MAX_OF_HOST;
  }

  private mayRun(host: string): boolean {
    return this.running.size < RUNNING_MAX && countOf(this.running, host) < RUNNING_MAX_OF_HOST;
  }

  /** In their order, but for those whose host is busy. */
  private next(): void {
    for (const entry of [...this.waiting]) {
      if (!this.mayRun(entry.host)) continue;
      this.waiting.splice(this.waiting.indexOf(entry), 1);
      this.running.add(entry);
      void this.run(entry);
    }
  }

  private async run(entry: Entry): Promise<void> {
    await entry.work();
    this.running.delete(entry);
    this.next();
    entry.ended.resolve();
  }
}

const countOf = (entries: Iterable<Entry>, host: string): number =>
  [...entries].filter((entry) => entry.host === host).length;

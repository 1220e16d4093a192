import { type Deferred, deferred } from '../../common/async/deferred';

const RUNNING_MAX = 16;
const RUNNING_PER_HOST_MAX = 2;
/** Further webhooks wait in the storage, where they take no memory. */
export const WAITING_WEBHOOKS_MAX = 64;
const WAITING_PER_HOST_MAX = 16;

interface Entry {
  readonly id: string;
  readonly host: string;
  readonly work: () => Promise<void>;
  readonly ended: Deferred<void>;
}

/** Limits how many deliveries run and wait, in total and per host, so that a slow receiver delays only its own. */
export class WebhookLimiter {
  private readonly running = new Set<Entry>();
  private readonly waiting: Entry[] = [];
  private isClosed = false;

  has(id: string): boolean {
    return [...this.running, ...this.waiting].some((entry) => entry.id === id);
  }

  /**
   * Runs the work as soon as the limits allow it.
   * @param work must not reject
   * @returns a promise that resolves when the work has ended or the limiter was closed before it started; undefined when
   *   too many wait already
   */
  tryRun(id: string, host: string, work: () => Promise<void>): Promise<void> | undefined {
    if (this.isClosed || !this.hasRoom(host)) return undefined;
    const ended = deferred();
    this.waiting.push({ id, host, work, ended });
    this.startNext();
    return ended.promise;
  }

  /** Drops the waiting work, rejects further work, and waits for the running work. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const { ended } of this.waiting.splice(0)) ended.resolve();
    await Promise.all([...this.running].map(({ ended }) => ended.promise));
  }

  private hasRoom(host: string): boolean {
    if (this.canRun(host)) return true;
    return (
      this.waiting.length < WAITING_WEBHOOKS_MAX && countByHost(this.waiting, host) < WAITING_PER_HOST_MAX
    );
  }

  private canRun(host: string): boolean {
    return this.running.size < RUNNING_MAX && countByHost(this.running, host) < RUNNING_PER_HOST_MAX;
  }

  /** Starts waiting entries in order of arrival, except for those whose host is at its limit. */
  private startNext(): void {
    for (const entry of [...this.waiting]) {
      if (!this.canRun(entry.host)) continue;
      this.waiting.splice(this.waiting.indexOf(entry), 1);
      this.running.add(entry);
      void this.run(entry);
    }
  }

  private async run(entry: Entry): Promise<void> {
    await entry.work();
    this.running.delete(entry);
    this.startNext();
    entry.ended.resolve();
  }
}

const countByHost = (entries: Iterable<Entry>, host: string): number =>
  [...entries].filter((entry) => entry.host === host).length;

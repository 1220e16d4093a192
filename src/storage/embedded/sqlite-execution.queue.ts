/** The queue of executions in the embedded database, whose one process gives messages to receivers as they come. */
import { Injectable } from '@nestjs/common';
import type Database from 'libsql';
import { onAbort } from '../../common/async/abort';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import { type Delivery, ExecutionQueue, type QueueMessage } from '../../jobs/execution.queue';
import { EmbeddedDatabase, getFirst, runQuery } from './embedded-database';
import { type QueueStatements, prepareQueueStatements } from './queue-statements';

interface MessageRow {
  readonly position: number;
  readonly job_id: string;
  readonly fence: string;
}

interface Receiver {
  readonly countMax: number;
  readonly resolve: (deliveries: readonly Delivery[]) => void;
  readonly reject: (error: Error) => void;
}

/** ms: what a timer can be set to; it looks again then. */
const TIMER_MS_MAX = 2 ** 31 - 1;

@Injectable()
export class SqliteExecutionQueue extends ExecutionQueue {
  private readonly statements: QueueStatements;
  /**
   * Positions of the messages that somebody has. Kept in memory alone: a delivery costs no write, and what the deliveries of
   * a process were is forgotten with it.
   */
  private readonly delivered = new Set<number>();
  /** Who waits, longest first. */
  private receivers: Receiver[] = [];
  private isDispatchScheduled = false;
  /** Until a message that was given back is to be delivered. */
  private timer: NodeJS.Timeout | undefined;

  constructor({ db }: EmbeddedDatabase) {
    super();
    this.statements = prepareQueueStatements(db);
    // Whoever wanted a pause is gone.
    this.statements.makeAllVisible.run();
  }

  send({ jobId, fence }: QueueMessage): Promise<void> {
    return runQuery(() => {
      this.statements.send.run({ job_id: jobId, fence });
      this.scheduleDispatch();
    });
  }

  receive(countMax: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    if (signal.aborted) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const settling = <T>(settle: (value: T) => void) => {
        return (value: T): void => {
          removeListener();
          settle(value);
        };
      };
      const receiver: Receiver = { countMax, resolve: settling(resolve), reject: settling(reject) };
      const removeListener = onAbort(signal, () => {
        this.receivers = this.receivers.filter((other) => other !== receiver);
        if (this.receivers.length === 0) clearTimeout(this.timer);
        resolve([]);
      });
      this.receivers.push(receiver);
      this.scheduleDispatch();
    });
  }

  remove({ fence }: QueueMessage): Promise<void> {
    return runQuery(() => {
      this.statements.deleteByFence.run({ fence });
    });
  }

  findPosition({ fence }: QueueMessage): Promise<number | undefined> {
    return runQuery(() => {
      const delivered = this.deliveredJson();
      const found = getFirst(this.statements.selectPosition, { fence, delivered }) as
        { ahead: number } | undefined;
      return found?.ahead;
    });
  }

  ping(): Promise<void> {
    return runQuery(() => {
      getFirst(this.statements.ping);
    });
  }

  /** Those who ask at the same time share what there is. */
  private scheduleDispatch(): void {
    if (this.isDispatchScheduled) return;
    this.isDispatchScheduled = true;
    queueMicrotask(() => {
      this.isDispatchScheduled = false;
      if (this.receivers.length > 0) this.dispatch();
    });
  }

  private dispatch(): void {
    const receivers = this.receivers;
    try {
      const rows = this.selectVisible(receivers.reduce((sum, { countMax }) => sum + countMax, 0));
      const hands = distribute(rows, receivers);
      this.receivers = receivers.filter((receiver) => !hands.has(receiver));
      for (const row of rows) this.delivered.add(row.position);
      for (const [{ resolve }, hand] of hands) resolve(hand.map((row) => this.toDelivery(row)));
      this.setTimer();
    } catch (error) {
      this.receivers = [];
      clearTimeout(this.timer);
      for (const { reject } of receivers) reject(new StorageUnavailableError(error));
    }
  }

  private selectVisible(limit: number): MessageRow[] {
    const parameters = { now: timeFromNow(), delivered: this.deliveredJson(), limit };
    return this.statements.selectVisible.all(parameters) as MessageRow[];
  }

  private toDelivery({ position, job_id: jobId, fence }: MessageRow): Delivery {
    const settled = (statement: Database.Statement, parameters: object): Promise<void> =>
      runQuery(() => {
        statement.run({ position, ...parameters });
        this.delivered.delete(position);
        this.scheduleDispatch();
      });
    return {
      message: { jobId, fence },
      acknowledge: () => settled(this.statements.deleteByPosition, {}),
      release: (ms) => settled(this.statements.hideUntil, { visible_at: timeFromNow(ms) }),
    };
  }

  private setTimer(): void {
    clearTimeout(this.timer);
    if (this.receivers.length === 0) return;
    const parameters = { delivered: this.deliveredJson() };
    const found = getFirst(this.statements.selectNextVisibleAt, parameters) as
      { visible_at: string | null } | undefined;
    const next = found?.visible_at;
    if (typeof next !== 'string') return;
    const ms = Math.min(Math.max(Date.parse(next) - Date.now(), 1), TIMER_MS_MAX);
    this.timer = setTimeout(() => {
      this.scheduleDispatch();
    }, ms);
  }

  private deliveredJson(): string {
    return JSON.stringify([...this.delivered]);
  }
}

/** Deals like cards, one at a time to each who wants more; without those who get none. */
function distribute(
  rows: readonly MessageRow[],
  receivers: readonly Receiver[],
): Map<Receiver, MessageRow[]> {
  const hands = new Map<Receiver, MessageRow[]>();
  const rest = [...rows];
  while (rest.length > 0) {
    for (const receiver of receivers) {
      const hand = hands.get(receiver) ?? [];
      const row = hand.length < receiver.countMax ? rest.shift() : undefined;
      if (row) hands.set(receiver, [...hand, row]);
    }
  }
  return hands;
}

/** RFC 3339. @param ms from now */
const timeFromNow = (ms = 0): string => new Date(Date.now() + ms).toISOString();

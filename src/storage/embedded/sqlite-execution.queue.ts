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

/** A pending call of receive(). */
interface Receiver {
  readonly countMax: number;
  readonly resolve: (deliveries: readonly Delivery[]) => void;
  readonly reject: (error: Error) => void;
}

/** The maximum delay of a Node timer in ms. A message that is hidden for longer is looked up again then. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The execution queue in the embedded database. Only one process uses it, so deliveries are tracked in memory. */
@Injectable()
export class SqliteExecutionQueue extends ExecutionQueue {
  private readonly statements: QueueStatements;
  /**
   * Positions of the delivered messages. Only in memory, so that a delivery costs no write, and a restart delivers the
   * messages again.
   */
  private readonly delivered = new Set<number>();
  /** Calls of `receive` that wait for a message, the oldest first. */
  private receivers: Receiver[] = [];
  private isDispatchScheduled = false;
  /** Fires when the next hidden message becomes visible. */
  private timer: NodeJS.Timeout | undefined;

  constructor({ db }: EmbeddedDatabase) {
    super();
    this.statements = prepareQueueStatements(db);
    // The receivers that delayed messages belonged to the previous process.
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
      const receiver: Receiver = {
        countMax,
        resolve: (deliveries) => {
          removeListener();
          resolve(deliveries);
        },
        reject: (error) => {
          removeListener();
          reject(error);
        },
      };
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

  /** Delayed by a microtask, so that receivers that call at the same time share the messages. */
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
      const shares = distribute(rows, receivers);
      this.receivers = receivers.filter((receiver) => !shares.has(receiver));
      for (const row of rows) this.delivered.add(row.position);
      for (const [{ resolve }, share] of shares) resolve(share.map((row) => this.toDelivery(row)));
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
    const endDelivery = (statement: Database.Statement, parameters: object): Promise<void> =>
      runQuery(() => {
        statement.run({ position, ...parameters });
        this.delivered.delete(position);
        this.scheduleDispatch();
      });
    return {
      message: { jobId, fence },
      acknowledge: () => endDelivery(this.statements.deleteByPosition, {}),
      release: (delayMs) => endDelivery(this.statements.hideUntil, { visible_at: timeFromNow(delayMs) }),
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

/** Assigns rows to receivers in turn, up to the maximum of each. Receivers without a row are not in the result. */
function distribute(
  rows: readonly MessageRow[],
  receivers: readonly Receiver[],
): Map<Receiver, MessageRow[]> {
  const shares = new Map<Receiver, MessageRow[]>();
  const rest = [...rows];
  while (rest.length > 0) {
    for (const receiver of receivers) {
      const share = shares.get(receiver) ?? [];
      const row = share.length < receiver.countMax ? rest.shift() : undefined;
      if (row) shares.set(receiver, [...share, row]);
    }
  }
  return shares;
}

/** @returns RFC 3339 */
const timeFromNow = (delayMs = 0): string => new Date(Date.now() + delayMs).toISOString();

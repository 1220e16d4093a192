/** The queue of executions in the embedded database, whose one process gives messages to receivers as they come. */
import { Injectable } from '@nestjs/common';
import type Database from 'libsql';
import { onAbort } from '../../common/async/abort';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import { type Delivery, ExecutionQueue, type QueueMessage } from '../../jobs/execution.queue';
import { EmbeddedDatabase, first, querying } from './embedded-database';
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
  private waiting: Receiver[] = [];
  private isDealing = false;
  /** Until a message that was given back is to be delivered. */
  private timer: NodeJS.Timeout | undefined;

  constructor({ db }: EmbeddedDatabase) {
    super();
    this.statements = prepareQueueStatements(db);
    // Whoever wanted a pause is gone.
    this.statements.showAll.run();
  }

  send({ jobId, fence }: QueueMessage): Promise<void> {
    return querying(() => {
      this.statements.send.run({ job_id: jobId, fence });
      this.dealSoon();
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
        this.waiting = this.waiting.filter((other) => other !== receiver);
        if (this.waiting.length === 0) clearTimeout(this.timer);
        resolve([]);
      });
      this.waiting.push(receiver);
      this.dealSoon();
    });
  }

  remove({ fence }: QueueMessage): Promise<void> {
    return querying(() => {
      this.statements.remove.run({ fence });
    });
  }

  positionOf({ fence }: QueueMessage): Promise<number | undefined> {
    return querying(() => {
      const delivered = this.deliveredPositions();
      const found = first(this.statements.position, { fence, delivered }) as { ahead: number } | undefined;
      return found?.ahead;
    });
  }

  ping(): Promise<void> {
    return querying(() => {
      first(this.statements.ping);
    });
  }

  /** Those who ask at the same time share what there is. */
  private dealSoon(): void {
    if (this.isDealing) return;
    this.isDealing = true;
    queueMicrotask(() => {
      this.isDealing = false;
      if (this.waiting.length > 0) this.deal();
    });
  }

  private deal(): void {
    const receivers = this.waiting;
    try {
      const rows = this.visible(receivers.reduce((sum, { countMax }) => sum + countMax, 0));
      const hands = shares(rows, receivers);
      this.waiting = receivers.filter((receiver) => !hands.has(receiver));
      for (const row of rows) this.delivered.add(row.position);
      for (const [{ resolve }, hand] of hands) resolve(hand.map((row) => this.deliveryOf(row)));
      this.setTimer();
    } catch (error) {
      this.waiting = [];
      clearTimeout(this.timer);
      for (const { reject } of receivers) reject(new StorageUnavailableError(error));
    }
  }

  private visible(limit: number): MessageRow[] {
    const parameters = { now: now(), delivered: this.deliveredPositions(), limit };
    return this.statements.visible.all(parameters) as MessageRow[];
  }

  private deliveryOf({ position, job_id: jobId, fence }: MessageRow): Delivery {
    const settled = (statement: Database.Statement, parameters: object): Promise<void> =>
      querying(() => {
        statement.run({ position, ...parameters });
        this.delivered.delete(position);
        this.dealSoon();
      });
    return {
      message: { jobId, fence },
      accept: () => settled(this.statements.accept, {}),
      giveBack: (ms) => settled(this.statements.giveBack, { visible_at: now(ms) }),
    };
  }

  private setTimer(): void {
    clearTimeout(this.timer);
    if (this.waiting.length === 0) return;
    const parameters = { delivered: this.deliveredPositions() };
    const found = first(this.statements.nextVisible, parameters) as { visible_at: string | null } | undefined;
    const next = found?.visible_at;
    if (typeof next !== 'string') return;
    const ms = Math.min(Math.max(Date.parse(next) - Date.now(), 1), TIMER_MS_MAX);
    this.timer = setTimeout(() => {
      this.dealSoon();
    }, ms);
  }

  private deliveredPositions(): string {
    return JSON.stringify([...this.delivered]);
  }
}

/** Deals like cards, one at a time to each who wants more; without those who get none. */
function shares(rows: readonly MessageRow[], receivers: readonly Receiver[]): Map<Receiver, MessageRow[]> {
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
const now = (ms = 0): string => new Date(Date.now() + ms).toISOString();

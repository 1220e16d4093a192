/**
 * Sandboxes that wait for code: isolated already, and with an interpreter loaded where that repays it. Each serves one
 * run and is thrown away. They are made one at a time while there is a slot that nobody wants, of the kinds that are
 * wanted most of late, within a budget of memory.
 */
import { type Backoff, backoffMs } from '../../common/async/backoff';
import type { PreparedRun } from './run-factory';
import { DecayingCounter } from './decaying-counter';

/** A kind of sandbox that can wait. */
export interface WarmKind {
  readonly key: string;
  /** For people. */
  readonly name: string;
  /** Settles when it waits. @throws EngineError */
  readonly make: () => Promise<PreparedRun>;
}

interface Idle {
  readonly kind: WarmKind;
  readonly place: PreparedRun;
  readonly memoryBytes: number;
}

interface WarmPoolOptions {
  readonly memoryBytesMax: number;
  /** Of one kind. */
  readonly countMax: number;
  /** Whether there is a slot that nobody wants. */
  readonly mayFill: () => boolean;
  readonly onFault: (kind: WarmKind, error: unknown) => void;
}

/** What a sandbox is taken to hold before the first of its kind was measured. */
const MEMORY_BYTES_GUESS = 32 * 1024 * 1024;
/** A kind that nobody has asked for counts a little, so that an engine at rest has one of each. */
const DEMAND_OF_UNKNOWN = 0.01;
/** After how many ms a kind that could not be made is tried again. */
const RETRY_BACKOFF: Backoff = { firstMs: 1000, factor: 2, maxMs: 300_000 };
/** How much more a kind must be wanted than another to take its place: else they would take turns. */
const ADVANTAGE = 4;

export class WarmPool {
  private readonly kinds = new Map<string, WarmKind>();
  private readonly idle = new Set<Idle>();
  private readonly memoryOf = new Map<string, number>();
  private readonly failures = new Map<string, number>();
  /** ms of performance.now(), for kinds that failed. */
  private readonly retryAt = new Map<string, number>();
  private readonly demand = new DecayingCounter();
  private filling: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly options: WarmPoolOptions) {}

  offer(kind: WarmKind): void {
    if (!this.kinds.has(kind.key)) this.kinds.set(kind.key, kind);
  }

  /** The best that waits of these kinds, the first preferred; notes that the first was wanted. */
  take(keys: readonly string[]): { place: PreparedRun; key: string } | undefined {
    const [wanted] = keys;
    if (wanted !== undefined) this.demand.note(wanted);
    for (const key of keys) {
      for (const idle of this.idle) {
        if (idle.kind.key !== key) continue;
        this.idle.delete(idle);
        if (idle.place.workspace.isIntact) return { place: idle.place, key };
        this.discard(idle);
      }
    }
    return undefined;
  }

  /** Makes what is missing, as long as it may. Call when something may have changed. */
  fill(): void {
    this.filling ??= this.fillUp().finally(() => {
      this.filling = undefined;
    });
  }

  /** How many of each kind wait, by name. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { name } of this.kinds.values()) counts[name] = 0;
    for (const { kind } of this.idle) counts[kind.name] = (counts[kind.name] ?? 0) + 1;
    return counts;
  }

  /** Bytes that all that wait hold together. */
  get memoryBytes(): number {
    return [...this.idle].reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.filling;
    await Promise.allSettled([...this.idle].map(({ place }) => place.sandbox.discard()));
    this.idle.clear();
  }

  private async fillUp(): Promise<void> {
    // Never in the turn of whoever calls: an answer may be on its way.
    await new Promise(setImmediate);
    while (!this.closed && this.options.mayFill()) {
      const kind = this.wanted().find((each) => this.makeRoom(each));
      if (!kind) return;
      await this.add(kind);
    }
  }

  private async add(kind: WarmKind): Promise<void> {
    try {
      const place = await kind.make();
      const { memoryBytes } = place.sandbox;
      this.memoryOf.set(kind.key, memoryBytes);
      this.failures.delete(kind.key);
      const idle = { kind, place, memoryBytes };
      if (this.memoryBytes + memoryBytes > this.options.memoryBytesMax) {
        this.discard(idle);
        return;
      }
      this.idle.add(idle);
      const forget = (): void => {
        this.idle.delete(idle);
      };
      place.sandbox.gone.then(forget, forget);
    } catch (error) {
      // It would fail again at once, and again. What runs without it is only slower.
      const failures = this.failures.get(kind.key) ?? 0;
      const delayMs = backoffMs(RETRY_BACKOFF, failures);
      this.failures.set(kind.key, failures + 1);
      this.retryAt.set(kind.key, performance.now() + delayMs);
      setTimeout(() => {
        this.fill();
      }, delayMs).unref();
      this.options.onFault(kind, error);
    }
  }

  /** The kinds of which there are too few: one of each at rest, and as many as were wanted of late. */
  private wanted(): WarmKind[] {
    return [...this.kinds.values()]
      .filter(({ key }) => {
        const count = this.countOf(key);
        const isFaulty = (this.retryAt.get(key) ?? 0) > performance.now();
        return !isFaulty && count < this.options.countMax && count <= this.demand.of(key);
      })
      .sort((a, b) => this.worth(b.key, 1) - this.worth(a.key, 1));
  }

  /** Whether it fits, if need be after what is wanted far less; of that nothing goes in vain. */
  private makeRoom(kind: WarmKind): boolean {
    const needed = this.memoryOf.get(kind.key) ?? MEMORY_BYTES_GUESS;
    let room = this.options.memoryBytesMax - this.memoryBytes;
    const victims: Idle[] = [];
    const least = [...this.idle].sort((a, b) => this.worth(a.kind.key, 0) - this.worth(b.kind.key, 0));
    for (const idle of least) {
      if (room >= needed || this.worth(idle.kind.key, 0) * ADVANTAGE > this.worth(kind.key, 1)) break;
      victims.push(idle);
      room += idle.memoryBytes;
    }
    if (room < needed) return false;
    for (const victim of victims) {
      this.idle.delete(victim);
      this.discard(victim);
    }
    return true;
  }

  /** Demand for each one of a kind, if there were so many more. */
  private worth(key: string, more: number): number {
    const demand = this.demand.of(key) + DEMAND_OF_UNKNOWN;
    return demand / Math.max(1, this.countOf(key) + more);
  }

  private countOf(key: string): number {
    return [...this.idle].filter(({ kind }) => kind.key === key).length;
  }

  private discard({ place }: Idle): void {
    void place.sandbox.discard().catch(() => undefined);
  }
}

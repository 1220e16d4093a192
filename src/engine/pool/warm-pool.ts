import { type Backoff, backoffMs } from '../../common/async/backoff';
import { DecayingCounter } from './decaying-counter';
import type { PreparedRun } from './run-factory';

/** Describes sandboxes that are interchangeable. */
export interface SandboxKind {
  readonly key: string;
  /** The name in the health report. Several kinds may have the same name. */
  readonly name: string;
  /** Settles when the sandbox can accept a program. @throws EngineError */
  readonly create: () => Promise<PreparedRun>;
}

interface PooledRun {
  readonly kind: SandboxKind;
  readonly preparedRun: PreparedRun;
  readonly memoryBytes: number;
}

interface WarmPoolOptions {
  /** The limit for all sandboxes of the pool together. */
  readonly memoryBytesMax: number;
  /** The largest number of sandboxes of one kind. */
  readonly countMax: number;
  /** Whether a sandbox may be created now: only when a slot is free, so that no run is delayed. */
  readonly canFill: () => boolean;
  readonly onCreateError: (kind: SandboxKind, error: unknown) => void;
}

/** Expected memory of a sandbox until the first one of its kind has been measured. */
const MEMORY_BYTES_GUESS = 32 * 1024 * 1024;
/** Demand for a kind that no request has used, so that an idle engine has one sandbox of each kind. */
const DEMAND_MIN = 0.01;
/** Delays before another attempt to create a sandbox of a kind that failed. */
const RETRY_BACKOFF: Backoff = { firstMs: 1000, factor: 2, maxMs: 300_000 };
/** How many times the demand of one kind must exceed that of another to evict it; without it, two kinds would alternate. */
const EVICTION_RATIO = 4;

/**
 * Prepared sandboxes: isolated already, and with a loaded interpreter where that saves time. Each one serves a single run.
 * The pool creates one at a time while a slot is free, of the kinds with the highest recent demand, within a memory budget.
 */
export class WarmPool {
  private readonly kinds = new Map<string, SandboxKind>();
  private readonly pooled = new Set<PooledRun>();
  private readonly memoryBytesByKey = new Map<string, number>();
  private readonly failureCounts = new Map<string, number>();
  /** Milliseconds of performance.now(), for kinds that failed. */
  private readonly retryAtMs = new Map<string, number>();
  private readonly demand = new DecayingCounter();
  private filling: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly options: WarmPoolOptions) {}

  register(kind: SandboxKind): void {
    if (!this.kinds.has(kind.key)) this.kinds.set(kind.key, kind);
  }

  /**
   * Removes and returns a sandbox of the first of these kinds that has one, and counts one request for the first kind.
   * @param keys in order of preference
   */
  acquire(keys: readonly string[]): { preparedRun: PreparedRun; key: string } | undefined {
    const [preferred] = keys;
    if (preferred !== undefined) this.demand.increment(preferred);
    for (const key of keys) {
      for (const pooled of this.pooled) {
        if (pooled.kind.key !== key) continue;
        this.pooled.delete(pooled);
        if (pooled.preparedRun.workspace.isIntact) return { preparedRun: pooled.preparedRun, key };
        this.discard(pooled);
      }
    }
    return undefined;
  }

  /** Creates missing sandboxes in the background, as long as `canFill` allows. Call when its result may have changed. */
  fill(): void {
    this.filling ??= this.fillWhileAllowed().finally(() => {
      this.filling = undefined;
    });
  }

  /** Number of sandboxes by the name of their kind. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { name } of this.kinds.values()) counts[name] = 0;
    for (const { kind } of this.pooled) counts[kind.name] = (counts[kind.name] ?? 0) + 1;
    return counts;
  }

  /** The memory of all sandboxes of the pool together. */
  get memoryBytes(): number {
    return [...this.pooled].reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.filling;
    await Promise.allSettled([...this.pooled].map(({ preparedRun }) => preparedRun.sandbox.discard()));
    this.pooled.clear();
  }

  private async fillWhileAllowed(): Promise<void> {
    // The caller may be about to send a response, so the work starts in a later turn of the event loop.
    await new Promise(setImmediate);
    while (!this.isClosed && this.options.canFill()) {
      const kind = this.kindsToCreate().find((each) => this.makeRoom(each));
      if (!kind) return;
      await this.createOne(kind);
    }
  }

  private async createOne(kind: SandboxKind): Promise<void> {
    try {
      const preparedRun = await kind.create();
      const { memoryBytes } = preparedRun.sandbox;
      this.memoryBytesByKey.set(kind.key, memoryBytes);
      this.failureCounts.delete(kind.key);
      const pooled = { kind, preparedRun, memoryBytes };
      if (this.memoryBytes + memoryBytes > this.options.memoryBytesMax) {
        this.discard(pooled);
        return;
      }
      this.pooled.add(pooled);
      const forget = (): void => {
        this.pooled.delete(pooled);
      };
      preparedRun.sandbox.closed.then(forget, forget);
    } catch (error) {
      // An immediate retry would probably fail too. Runs are only slower without a prepared sandbox.
      const failures = this.failureCounts.get(kind.key) ?? 0;
      const delayMs = backoffMs(RETRY_BACKOFF, failures);
      this.failureCounts.set(kind.key, failures + 1);
      this.retryAtMs.set(kind.key, performance.now() + delayMs);
      setTimeout(() => {
        this.fill();
      }, delayMs).unref();
      this.options.onCreateError(kind, error);
    }
  }

  /** Kinds with fewer sandboxes than recent requests, or with none; the one with the highest demand first. */
  private kindsToCreate(): SandboxKind[] {
    return [...this.kinds.values()]
      .filter(({ key }) => {
        const count = this.count(key);
        const isBackingOff = (this.retryAtMs.get(key) ?? 0) > performance.now();
        return !isBackingOff && count < this.options.countMax && count <= this.demand.value(key);
      })
      .sort((a, b) => this.demandPerSandbox(b.key, 1) - this.demandPerSandbox(a.key, 1));
  }

  /**
   * Evicts sandboxes of kinds with a far lower demand if that is necessary for one more of this kind.
   * @returns whether one more fits; if not, nothing was evicted
   */
  private makeRoom(kind: SandboxKind): boolean {
    const needed = this.memoryBytesByKey.get(kind.key) ?? MEMORY_BYTES_GUESS;
    let available = this.options.memoryBytesMax - this.memoryBytes;
    const evicted: PooledRun[] = [];
    const leastDemanded = [...this.pooled].sort(
      (a, b) => this.demandPerSandbox(a.kind.key, 0) - this.demandPerSandbox(b.kind.key, 0),
    );
    const demand = this.demandPerSandbox(kind.key, 1);
    for (const pooled of leastDemanded) {
      if (available >= needed || this.demandPerSandbox(pooled.kind.key, 0) * EVICTION_RATIO > demand) break;
      evicted.push(pooled);
      available += pooled.memoryBytes;
    }
    if (available < needed) return false;
    for (const pooled of evicted) {
      this.pooled.delete(pooled);
      this.discard(pooled);
    }
    return true;
  }

  /** Demand divided by the number of sandboxes, if there were `additional` more. */
  private demandPerSandbox(key: string, additional: number): number {
    const demand = this.demand.value(key) + DEMAND_MIN;
    return demand / Math.max(1, this.count(key) + additional);
  }

  private count(key: string): number {
    return [...this.pooled].filter(({ kind }) => kind.key === key).length;
  }

  private discard({ preparedRun }: PooledRun): void {
    void preparedRun.sandbox.discard().catch(() => undefined);
  }
}

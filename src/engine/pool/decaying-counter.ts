const HALF_LIFE_MS = 60_000;

/** Counts recent events by key. A count halves every minute, so that older events lose weight. */
export class DecayingCounter {
  private readonly counts = new Map<string, { count: number; atMs: number }>();

  /** @param now ms of any clock that never goes back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  increment(key: string): void {
    this.counts.set(key, { count: this.value(key) + 1, atMs: this.now() });
  }

  value(key: string): number {
    const { count, atMs } = this.counts.get(key) ?? { count: 0, atMs: 0 };
    return count * 2 ** ((atMs - this.now()) / HALF_LIFE_MS);
  }
}

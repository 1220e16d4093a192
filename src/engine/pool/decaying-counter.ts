/** How often each kind of thing is wanted of late: a count that halves with time. */

const HALF_LIFE_MS = 60_000;

export class DecayingCounter {
  private readonly counts = new Map<string, { count: number; atMs: number }>();

  /** @param now ms, of any clock that does not go back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  note(kind: string): void {
    this.counts.set(kind, { count: this.of(kind) + 1, atMs: this.now() });
  }

  of(kind: string): number {
    const { count, atMs } = this.counts.get(kind) ?? { count: 0, atMs: 0 };
    return count * 2 ** ((atMs - this.now()) / HALF_LIFE_MS);
  }
}

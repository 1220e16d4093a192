/** When a client that was refused should come again: each that is told a time has a place of its own by then. */

export class ReturnTimes {
  /** Until when the places of each client are promised, in ms of `performance.now()`. */
  private readonly promised = new Map<string, number>();

  /**
   * @param firstMs ms until a place is likely free for this client
   * @param intervalMs ms from each such place to the next one
   * @param promisesMax a client that does not wait, but asks again and again, is not sent further away than this many places
   * @returns whole seconds, at least one
   */
  tell(client: string, firstMs: number, intervalMs: number, promisesMax: number): number {
    const now = performance.now();
    this.forgetUntil(now);
    const next = Math.max(now + firstMs, (this.promised.get(client) ?? 0) + intervalMs);
    const due = Math.min(next, now + firstMs + intervalMs * promisesMax);
    this.promised.delete(client);
    this.promised.set(client, due);
    return Math.max(1, Math.ceil((due - now) / 1000));
  }

  /** Those that were told last are last: what is over is found at the beginning. */
  private forgetUntil(now: number): void {
    for (const [client, due] of this.promised) {
      if (due > now) return;
      this.promised.delete(client);
    }
  }
}

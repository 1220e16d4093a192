/** Weight of the newest value in the moving average. */
const SMOOTHING = 0.2;
/** Milliseconds, used until the first hold has ended. */
const INITIAL_MEAN_MS = 1000;

/** Estimates how long a slot is held. */
export class HoldTimeEstimator {
  private endedMeanMs: number | undefined;
  private readonly running = new Set<{ readonly startedAt: number }>();

  /** @returns a function that ends the hold; call it once */
  startHold(): () => void {
    const hold = { startedAt: performance.now() };
    this.running.add(hold);
    return () => {
      this.running.delete(hold);
      const ms = performance.now() - hold.startedAt;
      this.endedMeanMs ??= ms;
      this.endedMeanMs += SMOOTHING * (ms - this.endedMeanMs);
    };
  }

  /**
   * Mean duration in ms under the current load: the moving average of the holds that ended, except that a running hold
   * that is already longer counts with its own duration. Otherwise the estimate would stay too low after a change from
   * short to long programs until the first long one has ended.
   */
  meanMs(): number {
    const mean = this.endedMeanMs ?? INITIAL_MEAN_MS;
    if (this.running.size === 0) return mean;
    const now = performance.now();
    const durations = [...this.running].map(({ startedAt }) => Math.max(now - startedAt, mean));
    return durations.reduce((sum, duration) => sum + duration, 0) / durations.length;
  }
}

/** How long slots are held: those that were given back, and those that are held now. */

/** Weight of the newest hold in the running mean. */
const SMOOTHING = 0.2;
/** ms, before any hold has been measured. */
const GUESS_MS = 1000;

export class HoldTimeEstimator {
  private measuredMs: number | undefined;
  private readonly begun = new Set<{ readonly since: number }>();

  /** @returns ends the hold; call it once */
  begin(): () => void {
    const hold = { since: performance.now() };
    this.begun.add(hold);
    return () => {
      this.begun.delete(hold);
      const ms = performance.now() - hold.since;
      this.measuredMs = (this.measuredMs ?? ms) + SMOOTHING * (ms - (this.measuredMs ?? ms));
    };
  }

  /**
   * ms that a hold of the present load takes: the mean of those that ended, but what runs longer already counts as it is.
   * Otherwise a load of long programs would be taken for one of short ones until the first of them has ended.
   */
  lengthMs(): number {
    const ages = this.ages();
    if (ages.length === 0) return this.meanMs;
    return ages.reduce((sum, age) => sum + Math.max(age, this.meanMs), 0) / ages.length;
  }

  /**
   * ms until so many slots have been given back, from now.
   * @param releases at least 1
   */
  untilReleased(releases: number): number {
    // The rest of the mean, but at least as long again as it has taken until now.
    const rests = this.ages()
      .map((age) => Math.max(this.meanMs - age, age))
      .sort((a, b) => a - b);
    const rounds = Math.floor((releases - 1) / Math.max(1, rests.length));
    return (rests[(releases - 1) % rests.length] ?? 0) + rounds * this.lengthMs();
  }

  private get meanMs(): number {
    return this.measuredMs ?? GUESS_MS;
  }

  private ages(): number[] {
    const now = performance.now();
    return [...this.begun].map(({ since }) => now - since);
  }
}

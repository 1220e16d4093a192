/** Milliseconds to wait for the report after the engine has confirmed the cancellation. */
const REPORT_TIMEOUT_MS = 5000;
/** Milliseconds to wait for the report when the engine no longer knows the execution, because it has just ended. */
const UNKNOWN_TIMEOUT_MS = 250;

/**
 * Cancels one execution on a remote engine. The engine confirms with the report that it sends on the connection of the
 * execution. If no report arrives, this class closes the connection, which cancels as well, and `confirm` asks the engine
 * once more: only a response from the engine proves that the program no longer runs.
 */
export class RemoteCancellation {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  /**
   * @param cancel returns whether the engine knew the execution; once it returns, the execution has ended in both cases
   * @param connection aborting it closes the connection of the execution
   */
  constructor(
    private readonly cancel: () => Promise<boolean>,
    private readonly connection: AbortController,
  ) {}

  start(): void {
    this.cancel().then(
      (wasKnown) => {
        this.closeConnectionAfter(wasKnown ? REPORT_TIMEOUT_MS : UNKNOWN_TIMEOUT_MS);
      },
      () => {
        this.connection.abort();
      },
    );
  }

  /** @throws ProblemException when the engine does not confirm, so the program may still run */
  async confirm(): Promise<void> {
    await this.cancel();
  }

  /** Leaves the connection open; call when the execution has ended. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private closeConnectionAfter(ms: number): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.connection.abort();
    }, ms);
  }
}

/**
 * Cancels an execution on a remote engine. The engine confirms by the report that it sends on the execution's own
 * connection. When that does not come the connection is cut, which cancels too, and the engine is asked once more: only
 * one that answers can say that nothing runs.
 */

/** ms for the report to come after the engine has confirmed. */
const REPORT_TIMEOUT_MS = 5000;
/** ms for the report of an execution that the engine does not know any more because it has just ended. */
const UNKNOWN_TIMEOUT_MS = 250;

export class RemoteCancellation {
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  /** @param cancel gives whether the execution was there; either way it is not any more */
  constructor(
    private readonly cancel: () => Promise<boolean>,
    private readonly connection: AbortController,
  ) {}

  begin(): void {
    this.cancel().then(
      (wasThere) => {
        this.cutAfter(wasThere ? REPORT_TIMEOUT_MS : UNKNOWN_TIMEOUT_MS);
      },
      () => {
        this.connection.abort();
      },
    );
  }

  /** @throws ProblemException of an engine that does not confirm: its program may still run */
  async confirm(): Promise<void> {
    await this.cancel();
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private cutAfter(ms: number): void {
    if (this.ended) return;
    this.timer = setTimeout(() => {
      this.connection.abort();
    }, ms);
  }
}

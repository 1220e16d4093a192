/**
 * Cancels an execution on a remote engine. The engine confirms by the report that it sends on the execution's own
 * connection; when it does not know the execution (the request may still be on its way) or does not answer, the
 * connection is cut, which cancels too.
 */
/** ms for the report to come after the engine has confirmed. */
const REPORT_TIMEOUT_MS = 5000;
/** ms for the report of an execution that the engine does not know any more because it has just ended. */
const UNKNOWN_TIMEOUT_MS = 250;

export class CancelledExecution {
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly cancel: () => Promise<boolean>,
    private readonly connection: AbortController,
  ) {}

  begin(): void {
    this.cancel().then(
      (confirmed) => {
        const timeoutMs = confirmed ? REPORT_TIMEOUT_MS : UNKNOWN_TIMEOUT_MS;
        if (!this.ended)
          this.timer = setTimeout(() => {
            this.connection.abort();
          }, timeoutMs);
      },
      () => {
        this.connection.abort();
      },
    );
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }
}

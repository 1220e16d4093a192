import { Injectable } from '@nestjs/common';

/** Whether this process is shutting down: running executions may end, but no new execution starts. */
@Injectable()
export class ShutdownState {
  private started = false;

  get isShuttingDown(): boolean {
    return this.started;
  }

  start(): void {
    this.started = true;
  }
}

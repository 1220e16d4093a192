import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { withTimeout } from '../common/async/with-timeout';
import { ExecutionSettings } from '../config/settings';
import { ActiveExecutions } from './attempts/active-executions';
import { OutcomeWriter } from './attempts/outcome-writer';
import { QueueWorker } from './queue/queue-worker';
import { JobReconciler } from './recovery/job-reconciler';
import { ShutdownState } from './shutdown-state';

/** Milliseconds that an unavailable storage may delay the shutdown, after the grace period of the executions. */
const STORAGE_WAIT_MS_MAX = 5000;

/**
 * Lets running executions end within SHUTDOWN_GRACE, then stops them. An asynchronous execution that was stopped is queued
 * again; a synchronous one is stored as FAILED.
 */
@Injectable()
export class ExecutionShutdown implements BeforeApplicationShutdown {
  constructor(
    private readonly state: ShutdownState,
    private readonly activeExecutions: ActiveExecutions,
    private readonly worker: QueueWorker,
    private readonly outcomes: OutcomeWriter,
    private readonly reconciler: JobReconciler,
    private readonly settings: ExecutionSettings,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.state.start();
    const { shutdownGraceMs } = this.settings;
    const timer = setTimeout(() => {
      this.activeExecutions.stopAll('shutdown');
    }, shutdownGraceMs);
    const ended = Promise.all([this.worker.stop(), this.activeExecutions.allEnded()]);
    await withTimeout(shutdownGraceMs + STORAGE_WAIT_MS_MAX, ended);
    clearTimeout(timer);
    await this.outcomes.stop();
    await withTimeout(STORAGE_WAIT_MS_MAX, this.reconciler.stop());
  }
}

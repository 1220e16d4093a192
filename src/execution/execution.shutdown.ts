/** Gives running executions their time to end when the service is told to stop, then stops, and marks or queues them again. */
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { AttemptDependencies } from './attempts/attempt-dependencies';
import { JobReconciler } from './recovery/job-reconciler';
import { QueueWorker } from './queue/queue-worker';
import { ActiveExecutions } from './attempts/active-executions';
import { withTimeout } from '../common/async/with-timeout';

/** ms that a storage which is away may hold up a service that is being stopped, after the executions' own time. */
const STORING_MS_MAX = 5000;

@Injectable()
export class ExecutionShutdown implements BeforeApplicationShutdown {
  constructor(
    private readonly running: ActiveExecutions,
    private readonly worker: QueueWorker,
    private readonly due: JobReconciler,
    private readonly dependencies: AttemptDependencies,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.dependencies.draining = true;
    const { shutdownGraceMs } = this.dependencies.settings;
    const timer = setTimeout(() => {
      this.running.stopAll('shutdown');
    }, shutdownGraceMs);
    const ended = Promise.all([this.worker.stop(), this.running.allEnded()]);
    await withTimeout(shutdownGraceMs + STORING_MS_MAX, ended);
    clearTimeout(timer);
    await this.dependencies.owed.stop();
    await withTimeout(STORING_MS_MAX, this.due.stop());
  }
}

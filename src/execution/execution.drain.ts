/** Gives running executions their time to end when the service is told to stop, then stops, and marks or queues them again. */
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { AttemptDependencies } from './attempt-dependencies';
import { DueJobs } from './due-jobs';
import { QueueWorker } from './queue-worker';
import { RunningJobs } from './running-jobs';
import { within } from './within';

/** ms that a storage which is away may hold up a service that is being stopped, after the executions' own time. */
const STORING_MS_MAX = 5000;

@Injectable()
export class ExecutionDrain implements BeforeApplicationShutdown {
  constructor(
    private readonly running: RunningJobs,
    private readonly worker: QueueWorker,
    private readonly due: DueJobs,
    private readonly dependencies: AttemptDependencies,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.dependencies.draining = true;
    const { shutdownGraceMs } = this.dependencies.settings;
    const timer = setTimeout(() => {
      this.running.stopAll('shutdown');
    }, shutdownGraceMs);
    const ended = Promise.all([this.worker.stop(), this.running.allEnded()]);
    await within(shutdownGraceMs + STORING_MS_MAX, ended);
    clearTimeout(timer);
    await this.dependencies.owed.stop();
    await within(STORING_MS_MAX, this.due.stop());
  }
}

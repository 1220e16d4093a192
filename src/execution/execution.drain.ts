/** Gives running executions their time to end when the service is told to stop, then stops and marks them. */
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { AttemptDependencies } from './attempt-dependencies';
import { RunningJobs } from './running-jobs';
import { within } from './within';

/** ms that a storage which is away may hold up a service that is being stopped, after the executions' own time. */
const STORING_MS_MAX = 5000;

@Injectable()
export class ExecutionDrain implements BeforeApplicationShutdown {
  constructor(
    private readonly running: RunningJobs,
    private readonly dependencies: AttemptDependencies,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.dependencies.draining = true;
    const { shutdownGraceMs } = this.dependencies.settings;
    const timer = setTimeout(() => {
      this.running.stopAll('shutdown');
    }, shutdownGraceMs);
    await within(shutdownGraceMs + STORING_MS_MAX, this.running.allEnded());
    clearTimeout(timer);
    await this.dependencies.owed.stop();
  }
}

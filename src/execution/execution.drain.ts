/** Gives running executions their time to end when the service is told to stop, then stops and marks them. */
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { AttemptDependencies } from './attempt-dependencies';
import { RunningJobs } from './running-jobs';

@Injectable()
export class ExecutionDrain implements BeforeApplicationShutdown {
  constructor(
    private readonly running: RunningJobs,
    private readonly dependencies: AttemptDependencies,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.dependencies.draining = true;
    const timer = setTimeout(() => {
      this.running.stopAll('shutdown');
    }, this.dependencies.settings.shutdownGraceMs);
    await this.running.allEnded();
    clearTimeout(timer);
    await this.dependencies.owed.stop();
  }
}

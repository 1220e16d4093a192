/** The executions that this process is waiting for: their cancel, and their end. */
import { Injectable } from '@nestjs/common';
import type { Job } from '../jobs/job';

/** Why an execution is stopped before its program ends. */
export type StopCause = 'cancel' | 'hang-up' | 'engine-timeout' | 'shutdown';

export interface RunningJob {
  readonly stop: AbortController;
  /** Gives the job as it ended, or undefined when the execution failed. */
  readonly ended: Promise<Job | undefined>;
}

@Injectable()
export class RunningJobs {
  private readonly jobs = new Map<string, RunningJob>();

  /** Runs `work` under a controller that others may stop it with. */
  async track(jobId: string, work: (stop: AbortController) => Promise<Job>): Promise<Job> {
    const stop = new AbortController();
    const result = work(stop);
    const running = { stop, ended: result.catch(() => undefined) };
    this.jobs.set(jobId, running);
    try {
      return await result;
    } finally {
      // A later execution of the same job may have taken the place.
      if (this.jobs.get(jobId) === running) this.jobs.delete(jobId);
    }
  }

  find(jobId: string): RunningJob | undefined {
    return this.jobs.get(jobId);
  }

  stopAll(cause: StopCause): void {
    for (const { stop } of this.jobs.values()) stop.abort(cause);
  }

  async allEnded(): Promise<void> {
    await Promise.all([...this.jobs.values()].map(({ ended }) => ended));
  }
}

/** The executions that this process is waiting for: their stop, and their end. */
import { Injectable } from '@nestjs/common';
import type { Job } from '../../jobs/job';

/** Why an execution is stopped before its program ends. */
export type StopCause = 'cancel' | 'client-disconnected' | 'engine-timeout' | 'shutdown' | 'lease-lost';

interface ActiveExecution {
  readonly jobId: string;
  readonly stop: AbortController;
  /** Gives the job as it ended, or undefined when the execution failed. */
  readonly ended: Promise<Job | undefined>;
}

@Injectable()
export class ActiveExecutions {
  /** Not by job: of two requests that race for one job, the one that loses is here for a moment too. */
  private readonly all = new Set<ActiveExecution>();

  /** Runs `work` under a controller that others may stop it with. */
  async track(jobId: string, work: (stop: AbortController) => Promise<Job>): Promise<Job> {
    const stop = new AbortController();
    const result = work(stop);
    const running = { jobId, stop, ended: result.catch(() => undefined) };
    this.all.add(running);
    try {
      return await result;
    } finally {
      this.all.delete(running);
    }
  }

  /** Stops the execution of a job and waits for its end; undefined when this process has none, or it failed. */
  async stop(jobId: string, cause: StopCause): Promise<Job | undefined> {
    const running = [...this.all].filter((one) => one.jobId === jobId);
    for (const { stop } of running) stop.abort(cause);
    const ended = await Promise.all(running.map((one) => one.ended));
    return ended.find((job) => job !== undefined);
  }

  has(jobId: string): boolean {
    return [...this.all].some((one) => one.jobId === jobId);
  }

  stopAll(cause: StopCause): void {
    for (const { stop } of this.all) stop.abort(cause);
  }

  async allEnded(): Promise<void> {
    await Promise.all([...this.all].map(({ ended }) => ended));
  }
}

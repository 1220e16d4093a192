import { Injectable } from '@nestjs/common';
import type { Job } from '../../jobs/job';

/** Why an execution is stopped before its program ends. */
export type StopCause = 'cancel' | 'client-disconnected' | 'engine-timeout' | 'shutdown' | 'lease-lost';

interface ActiveExecution {
  readonly jobId: string;
  readonly stop: AbortController;
  /** Resolves to the job after the execution, or to undefined when the execution failed. */
  readonly ended: Promise<Job | undefined>;
}

/** The executions that this process runs, so that other code can stop them and wait for their end. */
@Injectable()
export class ActiveExecutions {
  /** A set and not a map by job: when two requests race for one job, the losing execution is briefly in it too. */
  private readonly executions = new Set<ActiveExecution>();

  /** @param work gets the controller with which `stop` and `stopAll` stop it */
  async track(jobId: string, work: (stop: AbortController) => Promise<Job>): Promise<Job> {
    const stop = new AbortController();
    const result = work(stop);
    const execution = { jobId, stop, ended: result.catch(() => undefined) };
    this.executions.add(execution);
    try {
      return await result;
    } finally {
      this.executions.delete(execution);
    }
  }

  /**
   * Stops the execution of a job and waits for its end.
   * @returns the job afterwards; undefined when this process does not run it, or its execution failed
   */
  async stop(jobId: string, cause: StopCause): Promise<Job | undefined> {
    const executions = this.findAll(jobId);
    for (const { stop } of executions) stop.abort(cause);
    const ended = await Promise.all(executions.map((execution) => execution.ended));
    return ended.find((job) => job !== undefined);
  }

  has(jobId: string): boolean {
    return this.findAll(jobId).length > 0;
  }

  stopAll(cause: StopCause): void {
    for (const { stop } of this.executions) stop.abort(cause);
  }

  /** Waits for the executions that are active now. */
  async allEnded(): Promise<void> {
    await Promise.all([...this.executions].map(({ ended }) => ended));
  }

  private findAll(jobId: string): readonly ActiveExecution[] {
    return [...this.executions].filter((execution) => execution.jobId === jobId);
  }
}

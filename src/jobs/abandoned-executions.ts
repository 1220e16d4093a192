/**
 * Ends executions whose gateway died. On a storage that several gateways share nobody can tell at a start which executions
 * are cut off; but none lasts longer than the engine may take and the storage may need for its end.
 */
import { Injectable } from '@nestjs/common';
import { ExecutionSettings } from '../config/settings';
import type { Job } from './job';
import { finishedState } from './job-transitions';
import { JobRepository } from './job.repository';

/** ms for reading the code and for storing logs and end, repetitions included. Who needs longer loses to its fence. */
const STORAGE_MS_MAX = 5 * 60 * 1000;

const ENDING = {
  verdict: 'ENGINE_ERROR',
  outcome: null,
  hasLogs: false,
  errorMessage: 'The gateway that ran this execution is gone. It is safe to execute the job again.',
} as const;

@Injectable()
export class AbandonedExecutions {
  private readonly lastMsMax: number;

  constructor(
    private readonly jobs: JobRepository,
    { engineTimeoutMs }: ExecutionSettings,
  ) {
    this.lastMsMax = engineTimeoutMs + STORAGE_MS_MAX;
  }

  /** The job as it is, or, of an execution that was abandoned, as it has ended; undefined when it is gone meanwhile. */
  async settled(job: Job): Promise<Job | undefined> {
    const now = new Date();
    if (job.status !== 'RUNNING' || now.getTime() - Date.parse(job.startedAt ?? '') < this.lastMsMax)
      return job;
    const { jobId, attempt, fence } = job;
    // The fence keeps out whoever turns up late after all.
    const transition = await this.jobs.transition(
      jobId,
      { statuses: ['RUNNING'], attempt, fence },
      finishedState(job, ENDING, now.toISOString()),
    );
    switch (transition.kind) {
      case 'changed':
        return transition.job;
      case 'conflict':
        return transition.current;
      case 'missing':
        return undefined;
    }
  }
}

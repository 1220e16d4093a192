import { Injectable } from '@nestjs/common';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import type { Job, JobState } from '../../jobs/job';
import { JobWatcher } from '../../jobs/job-watcher';
import type { TransitionResult } from '../../jobs/job.repository';
import { OutcomeWriter } from './outcome-writer';

/** Writes the start, or the queueing, of an execution. */
@Injectable()
export class StartWriter {
  constructor(
    private readonly jobs: JobWatcher,
    private readonly outcomes: OutcomeWriter,
  ) {}

  /** @throws StorageUnavailableError when the write failed; if it may still have happened, it is reverted in the background */
  async write(before: Job, state: JobState): Promise<TransitionResult> {
    const { jobId, status, attempt, fence } = before;
    try {
      return await this.jobs.transition(jobId, { statuses: [status], attempt, fence }, state);
    } catch (error) {
      if (error instanceof StorageUnavailableError && error.isWriteUncertain)
        this.outcomes.revertUncertainStart(before, { ...before, ...state });
      throw error;
    }
  }
}

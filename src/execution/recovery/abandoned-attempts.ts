import { Injectable, Logger } from '@nestjs/common';
import { QueueSettings } from '../../config/settings';
import type { Job } from '../../jobs/job';
import { JobWatcher } from '../../jobs/job-watcher';
import { WORKER_LOST, stateAfterFailure } from './failure-policy';
import { TransitionFollowUp } from './transition-follow-up';

/** Attempts whose lease expired because their process died or cannot reach the storage. */
@Injectable()
export class AbandonedAttempts {
  private readonly logger = new Logger(AbandonedAttempts.name);

  constructor(
    private readonly jobs: JobWatcher,
    private readonly followUp: TransitionFollowUp,
    private readonly settings: QueueSettings,
  ) {}

  /**
   * Queues the execution again, or fails it when no attempts are left.
   * @param job RUNNING, with an expired lease
   * @returns the job afterwards, also when another process changed it; undefined when it does not exist
   */
  async takeOver(job: Job): Promise<Job | undefined> {
    const { jobId, attempt, fence, dueAt } = job;
    const state = stateAfterFailure(job, WORKER_LOST, this.settings.attemptsMax, new Date());
    // The guard includes `dueAt`, because the process may just have renewed the lease after all.
    const guard = { statuses: ['RUNNING'], attempt, fence, dueAt } as const;
    const result = await this.jobs.transition(jobId, guard, state);
    if (result.kind === 'missing') return undefined;
    if (result.kind === 'conflict') return result.current;
    this.logger.warn({ job_id: jobId, attempt, status: state.status }, 'took over abandoned attempt');
    this.followUp.start(job, result.job);
    return result.job;
  }
}

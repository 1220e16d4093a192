import { Injectable } from '@nestjs/common';
import type { Job } from '../../jobs/job';
import { cancelledState } from '../../jobs/job-transitions';
import { JobWatcher } from '../../jobs/job-watcher';
import { jobNotFoundProblem } from '../../jobs/jobs.service';
import { TransitionFollowUp } from '../recovery/transition-follow-up';
import { QueueMessageSender } from '../queue/queue-message-sender';

/** Cancels jobs that are PENDING or QUEUED. */
@Injectable()
export class UnstartedJobCanceller {
  constructor(
    private readonly jobs: JobWatcher,
    private readonly followUp: TransitionFollowUp,
    private readonly messages: QueueMessageSender,
  ) {}

  /**
   * @returns the job, CANCELLED; undefined when it changed at the same moment, for example because its execution started
   * @throws ProblemException `job-not-found`
   */
  async cancel(job: Job): Promise<Job | undefined> {
    const { jobId, status, attempt, fence } = job;
    const guard = { statuses: [status], attempt, fence };
    const result = await this.jobs.transition(jobId, guard, cancelledState(job, new Date().toISOString()));
    if (result.kind === 'missing') throw jobNotFoundProblem();
    if (result.kind === 'conflict') return undefined;
    this.followUp.start(job, result.job);
    if (status === 'QUEUED') await this.messages.remove(job);
    return result.job;
  }
}

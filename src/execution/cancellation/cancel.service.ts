import { Injectable } from '@nestjs/common';
import { ProblemException } from '../../common/problems/problem.exception';
import { type Job, isFinal } from '../../jobs/job';
import { JobsService } from '../../jobs/jobs.service';
import { ActiveExecutions } from '../attempts/active-executions';
import { RemoteExecutionCanceller } from './remote-execution-canceller';
import { UnstartedJobCanceller } from './unstarted-job-canceller';

/** Cancels a job in whatever state it is, and waits until it is CANCELLED. */
@Injectable()
export class CancelService {
  constructor(
    private readonly jobs: JobsService,
    private readonly unstartedJobs: UnstartedJobCanceller,
    private readonly activeExecutions: ActiveExecutions,
    private readonly remoteExecutions: RemoteExecutionCanceller,
  ) {}

  /**
   * @param isPeer whether another gateway sent the request: then only an execution of this process is stopped, and no
   *   other process is called
   * @throws ProblemException `job-not-found`, `job-already-finished`, `engine-timeout`
   */
  async cancel(jobId: string, isPeer = false): Promise<Job> {
    for (;;) {
      const job = await this.jobs.get(jobId);
      if (isFinal(job.status)) return assertCancelled(job);
      const cancelled =
        job.status === 'RUNNING' ? await this.stop(job, isPeer) : await this.unstartedJobs.cancel(job);
      // A stopped execution may have been queued again or restored; then the job is cancelled in its new state.
      if (cancelled && (isPeer || isFinal(cancelled.status))) return assertCancelled(cancelled);
    }
  }

  private async stop(job: Job, isPeer: boolean): Promise<Job | undefined> {
    if (this.activeExecutions.has(job.jobId)) return this.activeExecutions.stop(job.jobId, 'cancel');
    return isPeer ? job : this.remoteExecutions.cancel(job);
  }
}

function assertCancelled(job: Job): Job {
  if (job.status === 'CANCELLED') return job;
  const detail = isFinal(job.status)
    ? `The job has already ended with status ${job.status}.`
    : `The execution was stopped, but the job is ${job.status} again.`;
  throw new ProblemException('job-already-finished', detail, { currentStatus: job.status });
}

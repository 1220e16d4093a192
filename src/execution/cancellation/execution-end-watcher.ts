import { Injectable } from '@nestjs/common';
import { ProblemException } from '../../common/problems/problem.exception';
import { QueueSettings } from '../../config/settings';
import type { Job } from '../../jobs/job';
import { JobRepository } from '../../jobs/job.repository';
import { JobWatcher } from '../../jobs/job-watcher';
import { jobNotFoundProblem } from '../../jobs/jobs.service';
import { AbandonedAttempts } from '../recovery/abandoned-attempts';

/** Milliseconds after the lease within which the end is stored: by the process that runs the job, or by one that takes it over. */
const END_MS_MAX = 5000;
/** Milliseconds between two reads of a lease that seems to have expired. */
const LEASE_CHECK_MS_MIN = 100;

/** Waits until an execution of another process has ended. */
@Injectable()
export class ExecutionEndWatcher {
  constructor(
    private readonly jobs: JobRepository,
    private readonly watcher: JobWatcher,
    private readonly abandonedAttempts: AbandonedAttempts,
    private readonly settings: QueueSettings,
  ) {}

  /**
   * Takes the job over when its lease expires.
   * @param running RUNNING
   * @returns the job after this execution
   * @throws ProblemException `job-not-found`; `engine-timeout` when the execution does not end within the time of a lease and
   *   END_MS_MAX
   */
  async waitForEnd(running: Job): Promise<Job> {
    const deadline = performance.now() + this.settings.leaseMs + END_MS_MAX;
    for (let current: Job | undefined = running; ;) {
      if (!current) throw jobNotFoundProblem();
      if (current.status !== 'RUNNING' || current.fence !== running.fence) return current;
      const remainingMs = Math.ceil(deadline - performance.now());
      if (remainingMs <= 0) throw endTimedOutProblem();
      // The watcher does not report lease renewals, so the job is read again when the lease would have expired.
      const leaseMs = Math.max(LEASE_CHECK_MS_MIN, Date.parse(current.dueAt ?? '') - Date.now());
      const signal = AbortSignal.timeout(Math.min(remainingMs, leaseMs));
      const seen: Job | undefined = await this.watcher.waitForChange(current, signal);
      current = seen === current ? await this.takeOverIfAbandoned(current) : seen;
    }
  }

  private async takeOverIfAbandoned({ jobId }: Job): Promise<Job | undefined> {
    const job = await this.jobs.find(jobId);
    const isAbandoned = job?.status === 'RUNNING' && Date.parse(job.dueAt ?? '') <= Date.now();
    return isAbandoned ? this.abandonedAttempts.takeOver(job) : job;
  }
}

const endTimedOutProblem = (): ProblemException =>
  new ProblemException(
    'engine-timeout',
    'The execution did not end in time after the cancellation. Send the request again.',
  );

/** The lease of a running attempt: renewed while it runs, so that everyone else knows by its end that its process is gone. */
import { Logger } from '@nestjs/common';
import type { Job } from '../../jobs/job';
import type { JobRepository } from '../../jobs/job.repository';
import type { StopCause } from './active-executions';

/** Renewals in the time of one lease: two may fail before it ends. */
const RENEWALS = 3;

export const leaseEnd = (leaseMs: number): string => new Date(Date.now() + leaseMs).toISOString();

export class LeaseRenewal {
  private readonly logger = new Logger(LeaseRenewal.name);
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  /**
   * @param job RUNNING, in the attempt that holds the lease
   * @param stop is called when the attempt has to end: a client of another process wants it, or somebody else has taken it
   */
  constructor(
    private readonly jobs: JobRepository,
    private readonly job: Job,
    private readonly leaseMs: number,
    private readonly stop: (cause: StopCause) => void,
  ) {
    this.renewSoon();
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private renewSoon(): void {
    if (this.ended) return;
    this.timer = setTimeout(() => {
      void this.renew().then(() => {
        this.renewSoon();
      });
    }, this.leaseMs / RENEWALS);
  }

  private async renew(): Promise<void> {
    const { jobId, attempt, fence } = this.job;
    try {
      const from = { statuses: ['RUNNING'], attempt, fence } as const;
      const renewed = await this.jobs.updateFields(jobId, from, { dueAt: leaseEnd(this.leaseMs) });
      if (this.ended) return;
      if (renewed.kind !== 'changed') this.stop('lease-lost');
      else if (renewed.job.cancelRequested) this.stop('cancel');
    } catch (error) {
      // While the storage is away nobody else can take the execution either: it goes on.
      this.logger.warn({ err: error, job_id: jobId }, 'the lease of an execution could not be renewed');
    }
  }
}

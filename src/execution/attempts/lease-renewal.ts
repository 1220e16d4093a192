import { Logger } from '@nestjs/common';
import type { Job } from '../../jobs/job';
import type { JobRepository } from '../../jobs/job.repository';
import type { StopCause } from './active-executions';

/** Renewals during one lease: two may fail before the lease expires. */
const RENEWALS_PER_LEASE = 3;

/** @returns when a lease that is created or renewed now expires (RFC 3339) */
export const leaseEnd = (leaseMs: number): string => new Date(Date.now() + leaseMs).toISOString();

/**
 * Renews the lease of a running attempt. When the process dies the lease expires, which shows other processes that the
 * attempt is abandoned.
 */
export class LeaseRenewal {
  private readonly logger = new Logger(LeaseRenewal.name);
  private timer: NodeJS.Timeout | undefined;
  private isEnded = false;

  /**
   * @param job RUNNING, in the attempt that holds the lease
   * @param stop called when the attempt must stop: a client cancelled it through another process, or another process took
   *   the job over
   */
  constructor(
    private readonly jobs: JobRepository,
    private readonly job: Job,
    private readonly leaseMs: number,
    private readonly stop: (cause: StopCause) => void,
  ) {
    this.scheduleRenewal();
  }

  end(): void {
    this.isEnded = true;
    clearTimeout(this.timer);
  }

  private scheduleRenewal(): void {
    if (this.isEnded) return;
    this.timer = setTimeout(() => {
      void this.renew().then(() => {
        this.scheduleRenewal();
      });
    }, this.leaseMs / RENEWALS_PER_LEASE);
  }

  private async renew(): Promise<void> {
    const { jobId, attempt, fence } = this.job;
    try {
      const guard = { statuses: ['RUNNING'], attempt, fence } as const;
      const renewed = await this.jobs.updateFields(jobId, guard, { dueAt: leaseEnd(this.leaseMs) });
      if (this.isEnded) return;
      if (renewed.kind !== 'changed') this.stop('lease-lost');
      else if (renewed.job.cancelRequested) this.stop('cancel');
    } catch (error) {
      // While the storage is unavailable no other process can take the job over either, so the attempt continues.
      this.logger.warn({ err: error, job_id: jobId }, 'failed to renew lease');
    }
  }
}

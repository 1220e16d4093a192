import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { pause } from '../../common/async/backoff';
import { QueueSettings, StorageSettings } from '../../config/settings';
import type { Job } from '../../jobs/job';
import { JobRepository } from '../../jobs/job.repository';
import { WebhookDeliveries } from '../webhooks/webhook-deliveries';
import { DueJobHandler } from './due-job-handler';
import { JobCheckTimers } from './job-check-timers';

const PAGE_SIZE = 100;

/**
 * Finds jobs that are due and handles them: a queued job whose message may be lost, a running one whose lease has expired, a
 * final one whose webhook is pending. Every process runs one.
 */
@Injectable()
export class JobReconciler implements OnApplicationBootstrap {
  private readonly logger = new Logger(JobReconciler.name);
  private readonly stopping = new AbortController();
  private rounds: Promise<void> = Promise.resolve();
  /**
   * The value of performance.now() before which no attempt is taken over: after a failure of the storage, other processes may
   * not have been able to renew their leases either.
   */
  private takeOverNotBefore = 0;

  constructor(
    private readonly jobs: JobRepository,
    private readonly handler: DueJobHandler,
    private readonly timers: JobCheckTimers,
    private readonly deliveries: WebhookDeliveries,
    private readonly settings: QueueSettings,
    private readonly storage: StorageSettings,
  ) {
    timers.onDue((job) => this.check(job));
  }

  /** With the embedded storage, every job that was active is due now, and is handled before the first request. */
  async onApplicationBootstrap(): Promise<void> {
    const first = this.reconcile();
    this.rounds = this.repeatAfter(first);
    if (this.storage.backend === 'embedded') await first;
  }

  /** Waits for running checks and stops webhook deliveries. What is left stays due for other processes or the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.rounds, this.timers.stop(), this.deliveries.stop()]);
  }

  private async repeatAfter(first: Promise<void>): Promise<void> {
    const { signal } = this.stopping;
    await first;
    for (;;) {
      await pause(this.timers.intervalMs, signal);
      if (signal.aborted) return;
      await this.reconcile();
    }
  }

  private async reconcile(): Promise<void> {
    try {
      // A full page that was handled completely may be followed by more: handled jobs are not due any more.
      while (!this.stopping.signal.aborted && (await this.checkPage()) === PAGE_SIZE);
      await this.deliveries.deliverDue(this.stopping.signal);
    } catch (error) {
      this.takeOverNotBefore = performance.now() + this.settings.leaseMs;
      this.logger.warn({ err: error }, 'failed to find due jobs');
    }
  }

  /** @returns how many jobs were handled */
  private async checkPage(): Promise<number> {
    const jobIds = await this.jobs.findDue(new Date().toISOString(), PAGE_SIZE);
    const handled = await Promise.all(
      jobIds.map(async (jobId) => {
        const job = await this.jobs.find(jobId);
        return job !== undefined && (await this.check(job));
      }),
    );
    return handled.filter(Boolean).length;
  }

  /** Never rejects: after a failure the job is found due again. @returns whether the job was due and is handled */
  private async check(job: Job): Promise<boolean> {
    if (job.dueAt === null || Date.parse(job.dueAt) > Date.now()) return false;
    if (job.status === 'RUNNING' && performance.now() < this.takeOverNotBefore) return false;
    try {
      await this.handler.handle(job);
      return true;
    } catch (error) {
      this.logger.warn({ err: error, job_id: job.jobId, status: job.status }, 'failed to handle due job');
      return false;
    }
  }
}

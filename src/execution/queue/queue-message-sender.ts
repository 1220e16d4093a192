import { Injectable, Logger } from '@nestjs/common';
import { ExecutionQueue } from '../../jobs/execution.queue';
import type { Job } from '../../jobs/job';
import { JobRepository } from '../../jobs/job.repository';
import { JobCheckTimers } from '../recovery/job-check-timers';

/** Milliseconds after which the message of a queued job counts as lost, at least. */
const LOST_MS_MIN = 30_000;
/** Milliseconds after which a message that the queue did not accept is sent again. */
const RETRY_MS = 2000;

/** RFC 3339: when a message that is sent now counts as lost. The longer a job has been queued, the later. */
export const resendDueAt = (queuedAt: string | null, nowMs: number): string =>
  new Date(nowMs + Math.max(LOST_MS_MIN, nowMs - Date.parse(queuedAt ?? ''))).toISOString();

/** Sends the queue messages of queued jobs. */
@Injectable()
export class QueueMessageSender {
  private readonly logger = new Logger(QueueMessageSender.name);

  constructor(
    private readonly jobs: JobRepository,
    private readonly queue: ExecutionQueue,
    private readonly timers: JobCheckTimers,
  ) {}

  /**
   * Never rejects: the job is QUEUED already, and a message that cannot be sent now is sent later, by this process or by
   * another one.
   * @param job a job that has just become QUEUED
   */
  async send(job: Job): Promise<void> {
    const { jobId, fence } = job;
    try {
      await this.queue.send({ jobId, fence: fence ?? '' });
    } catch (error) {
      this.logger.warn({ err: error, job_id: jobId }, 'failed to send queue message; retrying later');
      // When this write fails as well, the job is due after LOST_MS_MIN.
      await this.retryLater(job).catch(() => undefined);
    }
  }

  /**
   * Sends the message of a job that is due, unless another process does.
   * @throws StorageUnavailableError
   */
  async resend(job: Job): Promise<void> {
    const { jobId, attempt, fence, dueAt, dispatch } = job;
    const guard = { statuses: ['QUEUED'], attempt, fence, dueAt } as const;
    const nextDueAt = resendDueAt(dispatch?.queuedAt ?? null, Date.now());
    // The new due time is written first: of several processes that find the job due, one sends.
    const claimed = await this.jobs.updateFields(jobId, guard, { dueAt: nextDueAt });
    if (claimed.kind !== 'changed') return;
    try {
      await this.queue.send({ jobId, fence: fence ?? '' });
    } catch (error) {
      await this.retryLater(claimed.job);
      throw error;
    }
  }

  /** Never rejects: a message that cannot be removed is obsolete, and is dropped when a worker receives it. */
  async remove({ jobId, fence }: Job): Promise<void> {
    try {
      await this.queue.remove({ jobId, fence: fence ?? '' });
    } catch (error) {
      this.logger.warn({ err: error, job_id: jobId }, 'failed to remove queue message of cancelled job');
    }
  }

  private async retryLater({ jobId, attempt, fence }: Job): Promise<void> {
    const dueAt = new Date(Date.now() + RETRY_MS).toISOString();
    const guard = { statuses: ['QUEUED'], attempt, fence } as const;
    const updated = await this.jobs.updateFields(jobId, guard, { dueAt });
    if (updated.kind === 'changed') this.timers.schedule(updated.job);
  }
}

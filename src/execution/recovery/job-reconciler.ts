/**
 * Looks after jobs that are due: sends the message of a queued one again, takes a running one from a process that is gone,
 * tells the end of a final one. Every process does; each step is a conditional write, of which one succeeds.
 */
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { QueueSettings, StorageSettings } from '../../config/settings';
import { ExecutionQueue } from '../../jobs/execution.queue';
import type { Job } from '../../jobs/job';
import { JobWatcher } from '../../jobs/job-watcher';
import { JobRepository } from '../../jobs/job.repository';
import { WebhookDeliveries } from '../webhooks/webhook-deliveries';
import { WebhookHandover } from '../webhooks/webhook-handover';
import { WORKER_LOST, stateAfterFailure } from './failure-policy';
import { QueuedRequestStore } from '../queue/queued-request.store';

/** ms between two looks, at most. */
const LOOK_MS_MAX = 5000;
/** Looks in the time of a lease. */
const LOOKS = 3;
const DUE_MAX = 100;
/** ms after which the message of a queued job counts as lost, first; later as long again as it is queued. */
const MESSAGE_MS_MIN = 30_000;
/** ms after which a message is sent again that the queue did not take. */
const RESEND_MS = 2000;

export const resendDueAt = (queuedAt: string | null, nowMs: number): string =>
  new Date(nowMs + Math.max(MESSAGE_MS_MIN, nowMs - Date.parse(queuedAt ?? ''))).toISOString();

@Injectable()
export class JobReconciler implements OnApplicationBootstrap {
  private readonly logger = new Logger(JobReconciler.name);
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly looks = new Set<Promise<unknown>>();
  private readonly lookMs: number;
  private readonly stopping = new AbortController();
  /** Until then (ms of performance.now) nothing is taken from anybody: its process could not renew its lease either. */
  private patientUntil = 0;

  constructor(
    private readonly jobs: JobRepository,
    private readonly changes: JobWatcher,
    private readonly queue: ExecutionQueue,
    private readonly requests: QueuedRequestStore,
    private readonly handover: WebhookHandover,
    private readonly deliveries: WebhookDeliveries,
    private readonly settings: QueueSettings,
    private readonly storage: StorageSettings,
  ) {
    this.lookMs = Math.min(settings.leaseMs / LOOKS, LOOK_MS_MAX);
  }

  /** On the embedded storage everything that was active is due now, and is settled before the first request. */
  async onApplicationBootstrap(): Promise<void> {
    const first = this.lookAndGoOn();
    if (this.storage.backend === 'embedded') await first;
  }

  /** Looks after this very job when it is due, without waiting for the next look at all. */
  scheduleCheck(job: Job): void {
    if (job.dueAt === null || this.stopping.signal.aborted) return;
    const ms = Date.parse(job.dueAt) - Date.now();
    if (ms <= 0) this.track(this.settle(job));
    else if (ms <= this.lookMs) this.later(ms, () => this.settle(job));
  }

  /** The message of a job that is QUEUED is not sent: it is tried again soon, by this process or by another one. */
  async sendLater(job: Job): Promise<void> {
    const { jobId, attempt, fence } = job;
    const dueAt = new Date(Date.now() + RESEND_MS).toISOString();
    const later = await this.jobs.updateFields(jobId, { statuses: ['QUEUED'], attempt, fence }, { dueAt });
    if (later.kind === 'changed') this.scheduleCheck(later.job);
  }

  /** Ends what it is at, and the calls that are being made; whatever is left is due for others. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all([...this.looks, this.deliveries.stop()]);
  }

  /** Takes a running job from a process whose lease has ended. @returns the job as it is then; undefined when it is gone */
  async takeOver(job: Job): Promise<Job | undefined> {
    const { jobId, attempt, fence, dueAt } = job;
    const to = stateAfterFailure(job, WORKER_LOST, this.settings.attemptsMax, new Date());
    // The condition on the time: its process may just have given a sign of life after all.
    const from = { statuses: ['RUNNING'], attempt, fence, dueAt } as const;
    const transition = await this.changes.transition(jobId, from, to);
    if (transition.kind === 'missing') return undefined;
    if (transition.kind === 'conflict') return transition.current;
    this.logger.warn(
      { job_id: jobId, attempt, status: to.status },
      'an execution was abandoned by its process',
    );
    const requestKey = job.dispatch?.requestKey ?? null;
    if (requestKey !== null && to.status !== 'QUEUED') void this.requests.delete(requestKey);
    this.scheduleCheck(transition.job);
    return transition.job;
  }

  private async lookAndGoOn(): Promise<void> {
    await this.look();
    if (!this.stopping.signal.aborted) this.later(this.lookMs, () => this.lookAndGoOn());
  }

  private later(ms: number, work: () => Promise<unknown>): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.track(work());
    }, ms);
    this.timers.add(timer);
  }

  private track(work: Promise<unknown>): void {
    const look = work.finally(() => this.looks.delete(look));
    this.looks.add(look);
  }

  private async look(): Promise<void> {
    try {
      // As long as there is more than one page of them: each that is settled is due no more.
      while (!this.stopping.signal.aborted && (await this.settlePage()) === DUE_MAX);
      await this.deliveries.deliverDue(this.stopping.signal);
    } catch (error) {
      this.patientUntil = performance.now() + this.settings.leaseMs;
      this.logger.warn({ err: error }, 'what is due cannot be looked after now');
    }
  }

  /** @returns how many were settled */
  private async settlePage(): Promise<number> {
    const due = await this.jobs.findDue(new Date().toISOString(), DUE_MAX);
    const settled = await Promise.all(
      due.map(async (jobId) => {
        const job = await this.jobs.find(jobId);
        return job !== undefined && (await this.settle(job));
      }),
    );
    return settled.filter(Boolean).length;
  }

  /** Whatever fails is found due again. @returns whether something was done */
  private async settle(job: Job): Promise<boolean> {
    if (job.dueAt === null || Date.parse(job.dueAt) > Date.now()) return false;
    try {
      switch (job.status) {
        case 'QUEUED':
          await this.send(job, job.fence ?? '');
          return true;
        case 'RUNNING':
          if (performance.now() < this.patientUntil) return false;
          await this.takeOver(job);
          return true;
        case 'PENDING':
        case 'SUCCESS':
        case 'FAILED':
        case 'TIMEOUT':
        case 'CANCELLED':
          await this.handover.handOver(job);
          return true;
      }
    } catch (error) {
      this.logger.warn({ err: error, job_id: job.jobId }, 'a job that is due cannot be looked after now');
      return false;
    }
  }

  /** The time first: of several that find it due, one sends. */
  private async send({ jobId, attempt, fence, dueAt, dispatch }: Job, message: string): Promise<void> {
    const from = { statuses: ['QUEUED'], attempt, fence, dueAt } as const;
    const later = resendDueAt(dispatch?.queuedAt ?? null, Date.now());
    const claimed = await this.jobs.updateFields(jobId, from, { dueAt: later });
    if (claimed.kind !== 'changed') return;
    try {
      await this.queue.send({ jobId, fence: message });
    } catch (error) {
      await this.sendLater(claimed.job);
      throw error;
    }
  }
}

import { Injectable } from '@nestjs/common';
import { type Webhook, WebhookRepository } from '../../jobs/webhook.repository';
import { type Job, isFinal } from '../../jobs/job';
import { JobRepository } from '../../jobs/job.repository';
import { JobsPresenter } from '../../jobs/jobs.presenter';
import { WebhookDeliveries } from './webhook-deliveries';

/** Creates the webhook for a job that has ended. */
@Injectable()
export class WebhookEnqueuer {
  constructor(
    private readonly jobs: JobRepository,
    private readonly webhooks: WebhookRepository,
    private readonly presenter: JobsPresenter,
    private readonly deliveries: WebhookDeliveries,
  ) {}

  /**
   * Does nothing for a job without a pending webhook. The webhook is stored before the job is marked as done: if this
   * process dies in between, the reconciler finds the job due and enqueues the same webhook again. The receiver then gets
   * at most one more request, with the same id.
   * @throws StorageUnavailableError the job, or its webhook, is still due then
   */
  async enqueue(job: Job): Promise<void> {
    const webhook = this.pendingWebhook(job);
    if (!webhook) return;
    await this.webhooks.create(webhook);
    const { jobId, status, attempt, fence, dueAt } = job;
    // On a conflict another process was faster or the job is executed again; the webhook is stored in both cases.
    await this.jobs.updateFields(
      jobId,
      { statuses: [status], attempt, fence, dueAt },
      { dispatch: null, dueAt: null },
    );
    void this.deliveries.deliver(webhook);
  }

  private pendingWebhook(job: Job): Webhook | undefined {
    const { jobId, status, executionId, dispatch, dueAt, updatedAt } = job;
    const url = dispatch?.callbackUrl ?? null;
    if (!isFinal(status) || url === null || executionId === null || dueAt === null) return undefined;
    return {
      id: executionId,
      jobId,
      url,
      body: JSON.stringify(this.presenter.toResponse(job)),
      createdAt: new Date().toISOString(),
      // A process that enqueues the webhook again gets the same time, and so can claim what this process stored.
      dueAt: updatedAt,
      tries: 0,
    };
  }
}

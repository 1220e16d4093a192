/** From the job that has ended to the call that its client is owed. */
import { Injectable } from '@nestjs/common';
import { type Webhook, WebhookRepository } from '../../jobs/webhook.repository';
import { type Job, isFinal } from '../../jobs/job';
import { JobRepository } from '../../jobs/job.repository';
import { JobsPresenter } from '../../jobs/jobs.presenter';
import { WebhookDeliveries } from './webhook-deliveries';

@Injectable()
export class WebhookEnqueuer {
  constructor(
    private readonly jobs: JobRepository,
    private readonly callbacks: WebhookRepository,
    private readonly presenter: JobsPresenter,
    private readonly deliveries: WebhookDeliveries,
  ) {}

  /**
   * Of a job that owes no callback nothing is done. The callback is kept before the job lets go of it: whoever finds the job
   * still due, because this process died in between, does the same again, and at most one more call is made, under the same
   * id.
   * @throws StorageUnavailableError the job is then due still, or its callback is
   */
  async enqueue(job: Job): Promise<void> {
    const callback = this.callbackOf(job);
    if (!callback) return;
    await this.callbacks.create(callback);
    const { jobId, status, attempt, fence, dueAt } = job;
    // A conflict means that another process was faster, or that the job is executed again: the callback is kept.
    await this.jobs.updateFields(
      jobId,
      { statuses: [status], attempt, fence, dueAt },
      { dispatch: null, dueAt: null },
    );
    void this.deliveries.deliver(callback);
  }

  private callbackOf(job: Job): Webhook | undefined {
    const { jobId, status, executionId, dispatch, dueAt, updatedAt } = job;
    const url = dispatch?.callbackUrl ?? null;
    if (!isFinal(status) || url === null || executionId === null || dueAt === null) return undefined;
    return {
      id: executionId,
      jobId,
      url,
      body: JSON.stringify(this.presenter.toResponse(job)),
      createdAt: new Date().toISOString(),
      // The same for whoever does it again, who may then take what the first one kept.
      dueAt: updatedAt,
      tries: 0,
    };
  }
}

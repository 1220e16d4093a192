import { Injectable } from '@nestjs/common';
import type { Job } from '../../jobs/job';
import { QueueMessageSender } from '../queue/queue-message-sender';
import { WebhookEnqueuer } from '../webhooks/webhook-enqueuer';
import { AbandonedAttempts } from './abandoned-attempts';

/** Handles a due job according to its status. Each step is a conditional write, so only one of several processes succeeds. */
@Injectable()
export class DueJobHandler {
  constructor(
    private readonly messages: QueueMessageSender,
    private readonly abandonedAttempts: AbandonedAttempts,
    private readonly webhooks: WebhookEnqueuer,
  ) {}

  /** @throws StorageUnavailableError the job stays due, or becomes due again */
  async handle(job: Job): Promise<void> {
    switch (job.status) {
      case 'QUEUED':
        await this.messages.resend(job);
        return;
      case 'RUNNING':
        await this.abandonedAttempts.takeOver(job);
        return;
      case 'PENDING':
      case 'SUCCESS':
      case 'FAILED':
      case 'TIMEOUT':
      case 'CANCELLED':
        await this.webhooks.enqueue(job);
        return;
    }
  }
}

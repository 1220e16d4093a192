import { Injectable } from '@nestjs/common';
import { type Job, isFinal } from '../../jobs/job';
import { QueuedRequestStore } from '../queue/queued-request.store';
import { JobCheckTimers } from './job-check-timers';

/**
 * Starts the work that follows a transition: deletes the stored request of an execution that has ended, and sends the next queue
 * message or the webhook.
 */
@Injectable()
export class TransitionFollowUp {
  constructor(
    private readonly requests: QueuedRequestStore,
    private readonly timers: JobCheckTimers,
  ) {}

  /**
   * Does not wait for the work: JobReconciler repeats what fails.
   * @param before the job before the transition
   */
  start(before: Job, after: Job): void {
    const requestKey = before.dispatch?.requestKey ?? null;
    if (requestKey !== null && isFinal(after.status)) void this.requests.delete(requestKey);
    this.timers.schedule(after);
  }
}

import { Injectable } from '@nestjs/common';
import { type Job, isFinal } from '../../jobs/job';
import { QueuedRequestStore } from '../queue/queued-request.store';
import { JobCheckTimers } from '../recovery/job-check-timers';

/** What follows the end of an attempt: deletes its stored request, and has a new queue message or its webhook sent. */
@Injectable()
export class AttemptCompletion {
  constructor(
    private readonly requests: QueuedRequestStore,
    private readonly timers: JobCheckTimers,
  ) {}

  /** Starts the work and does not wait for it: JobReconciler repeats what fails. */
  complete(before: Job, after: Job): void {
    const requestKey = before.dispatch?.requestKey ?? null;
    if (requestKey !== null && isFinal(after.status)) void this.requests.delete(requestKey);
    this.timers.schedule(after);
  }
}

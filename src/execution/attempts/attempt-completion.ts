import { Injectable } from '@nestjs/common';
import { type Job, isFinal } from '../../jobs/job';
import { QueuedRequestStore } from '../queue/queued-request.store';
import { JobCheckTimers } from '../recovery/job-check-timers';

/** Starts what follows an attempt: deleting its stored request, sending its next queue message or its webhook. */
@Injectable()
export class AttemptCompletion {
  constructor(
    private readonly requests: QueuedRequestStore,
    private readonly timers: JobCheckTimers,
  ) {}

  /** Does not wait for the work: JobReconciler repeats what fails. */
  complete(before: Job, after: Job): void {
    const requestKey = before.dispatch?.requestKey ?? null;
    if (requestKey !== null && isFinal(after.status)) void this.requests.delete(requestKey);
    this.timers.schedule(after);
  }
}

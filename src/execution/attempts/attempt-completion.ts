/** What is left to do when an attempt has ended: its request is forgotten, it is queued again, or its end is told. */
import { Injectable } from '@nestjs/common';
import { type Job, isFinal } from '../../jobs/job';
import { JobReconciler } from '../recovery/job-reconciler';
import { QueuedRequestStore } from '../queue/queued-request.store';

@Injectable()
export class AttemptCompletion {
  constructor(
    private readonly requests: QueuedRequestStore,
    private readonly due: JobReconciler,
  ) {}

  /** Nobody waits for it: what is not done now is done by whoever finds it due. */
  complete(before: Job, after: Job): void {
    const requestKey = before.dispatch?.requestKey ?? null;
    if (requestKey !== null && isFinal(after.status)) void this.requests.delete(requestKey);
    this.due.scheduleCheck(after);
  }
}

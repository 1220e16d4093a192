/** What is left to do when an attempt has ended: its request is forgotten, it is queued again, or its end is told. */
import { Injectable } from '@nestjs/common';
import { type Job, isFinal } from '../jobs/job';
import { DueJobs } from './due-jobs';
import { StoredRequests } from './stored-requests';

@Injectable()
export class Finishing {
  constructor(
    private readonly requests: StoredRequests,
    private readonly due: DueJobs,
  ) {}

  /** Nobody waits for it: what is not done now is done by whoever finds it due. */
  finish(before: Job, after: Job): void {
    const requestKey = before.dispatch?.requestKey ?? null;
    if (requestKey !== null && isFinal(after.status)) void this.requests.forget(requestKey);
    this.due.soon(after);
  }
}

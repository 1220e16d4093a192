/** Holds a request for a job until there is something new to tell (long polling). */
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { linkedAbort } from '../common/async/abort';
import { createEntityTag, matchesEntityTag } from '../common/http/entity-tag';
import { type Job, isFinal } from './job';
import { versionOf } from './job-watcher';
import { JobsService } from './jobs.service';

export interface LongPollOptions {
  /** s; 0: not at all. */
  readonly waitS: number;
  /** The header If-None-Match. */
  readonly known: string | undefined;
  readonly disconnect: AbortSignal;
}

@Injectable()
export class JobLongPoll implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor(private readonly jobs: JobsService) {}

  /** @throws ProblemException `job-not-found` */
  async get(jobId: string, { waitS, known, disconnect }: LongPollOptions): Promise<Job> {
    if (waitS === 0) return this.jobs.get(jobId);
    const { signal, abort, unlink } = linkedAbort(disconnect, this.stopping.signal);
    const timer = setTimeout(abort, waitS * 1000);
    let seen: string | undefined;
    try {
      return await this.jobs.waitForChange(
        jobId,
        (job) => {
          if (known !== undefined) return matchesEntityTag(known, createEntityTag(versionOf(job)));
          // A final state without a tag is what the client waits for.
          seen ??= versionOf(job);
          return versionOf(job) === seen && !isFinal(job.status);
        },
        signal,
      );
    } finally {
      clearTimeout(timer);
      unlink();
    }
  }

  /** Who waits is answered with what there is. */
  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }
}

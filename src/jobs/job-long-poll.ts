import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { linkedAbort } from '../common/async/abort';
import { createEntityTag, matchesEntityTag } from '../common/http/entity-tag';
import { type Job, isFinal } from './job';
import { versionOf } from './job-watcher';
import { JobsService } from './jobs.service';

export interface LongPollOptions {
  /** Seconds; 0 returns at once. */
  readonly waitS: number;
  /** The If-None-Match header, with the entity tag of the state that the client has. */
  readonly ifNoneMatch: string | undefined;
  readonly disconnect: AbortSignal;
}

/** Holds a status request until the job changes (long poll). */
@Injectable()
export class JobLongPoll implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor(private readonly jobs: JobsService) {}

  /** @throws ProblemException `job-not-found` */
  async get(jobId: string, { waitS, ifNoneMatch, disconnect }: LongPollOptions): Promise<Job> {
    if (waitS === 0) return this.jobs.get(jobId);
    const { signal, abort, unlink } = linkedAbort(disconnect, this.stopping.signal);
    const timer = setTimeout(abort, waitS * 1000);
    let seen: string | undefined;
    try {
      return await this.jobs.waitForChange(
        jobId,
        (job) => {
          if (ifNoneMatch !== undefined)
            return matchesEntityTag(ifNoneMatch, createEntityTag(versionOf(job)));
          // Without a tag, the client waits for any change; a job in a final state will not change.
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

  /** Ends all long polls: each returns the current state. */
  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }
}

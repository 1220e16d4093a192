/** Holds a request for a job until there is something new to tell (long polling). */
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
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
    // Its listeners must not outlive the request at a signal that lives as long as the service.
    const over = new AbortController();
    const end = (): void => {
      over.abort();
    };
    const timer = setTimeout(end, waitS * 1000);
    disconnect.addEventListener('abort', end, { once: true });
    this.stopping.signal.addEventListener('abort', end, { once: true });
    let seen: string | undefined;
    try {
      return await this.jobs.getChanged(
        jobId,
        (job) => {
          if (known !== undefined) return matchesEntityTag(known, createEntityTag(versionOf(job)));
          // A final state without a tag is what the client waits for.
          seen ??= versionOf(job);
          return versionOf(job) === seen && !isFinal(job.status);
        },
        over.signal,
      );
    } finally {
      clearTimeout(timer);
      disconnect.removeEventListener('abort', end);
      this.stopping.signal.removeEventListener('abort', end);
    }
  }

  /** Who waits is answered with what there is. */
  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }
}

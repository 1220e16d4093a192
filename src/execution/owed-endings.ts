/** Endings of executions that the storage did not take: written as soon as it takes them. */
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Job, JobState } from '../jobs/job';
import { JobRepository } from '../jobs/job.repository';

const PAUSE_MS_FIRST = 1000;
const PAUSE_MS_MAX = 30_000;

@Injectable()
export class OwedEndings {
  private readonly stopping = new AbortController();
  private readonly writing = new Set<Promise<void>>();

  constructor(private readonly jobs: JobRepository) {}

  /** @param job RUNNING, in the attempt that has ended */
  keep(job: Job, ending: JobState): void {
    const writing = this.write(job, ending).finally(() => {
      this.writing.delete(writing);
    });
    this.writing.add(writing);
  }

  /** Gives up: what is still owed is found, RUNNING, by whoever recovers the storage. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.writing);
  }

  private async write({ jobId, attempt }: Job, ending: JobState): Promise<void> {
    let pauseMs = PAUSE_MS_FIRST;
    while (await this.paused(pauseMs)) {
      try {
        await this.jobs.transition(jobId, { statuses: ['RUNNING'], attempt }, ending);
        return;
      } catch {
        pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
      }
    }
  }

  /** False when the service stops meanwhile. */
  private async paused(ms: number): Promise<boolean> {
    try {
      await delay(ms, undefined, { signal: this.stopping.signal });
      return true;
    } catch {
      return false;
    }
  }
}

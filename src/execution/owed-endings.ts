/** Ends of executions that the storage does not take: written as soon as it takes them. */
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { EXECUTABLE_STATUSES, type Job, type JobState } from '../jobs/job';
import { restoredState } from '../jobs/job-transitions';
import { JobRepository, type Transition } from '../jobs/job.repository';
import { retried } from './retry';

const PAUSE_MS_FIRST = 1000;
const PAUSE_MS_MAX = 30_000;

@Injectable()
export class OwedEndings {
  private readonly stopping = new AbortController();
  private readonly writing = new Set<Promise<void>>();

  constructor(private readonly jobs: JobRepository) {}

  /**
   * Takes a job out of RUNNING: now, or later when the storage does not take it in time.
   * @param job RUNNING, in the attempt that has ended
   * @throws StorageUnavailableError when it is owed from now on
   */
  async write(job: Job, ending: JobState): Promise<Transition> {
    try {
      return await retried(() => this.end(job, ending));
    } catch (error) {
      this.owe(() => this.end(job, ending));
      throw error;
    }
  }

  /**
   * Settles an execution whose beginning got no answer: it has not begun, and never shall. The write may have been made,
   * or may still arrive: what was made is taken back, and a new fence keeps out what comes late.
   */
  neverBegin(before: Job, begun: Job): void {
    const restored = restoredState(before, begun);
    this.owe(async () => {
      const undone = await this.end(begun, restored);
      if (undone.kind !== 'conflict' || undone.current.attempt !== before.attempt) return undone;
      const { jobId, attempt, fence } = before;
      return this.jobs.transition(jobId, { statuses: EXECUTABLE_STATUSES, attempt, fence }, restored);
    });
  }

  /** Gives up: what is still owed is found, RUNNING, by whoever recovers the storage. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.writing);
  }

  /** Of this very execution, which its fence tells from any other. */
  private end({ jobId, attempt, fence }: Job, state: JobState): Promise<Transition> {
    return this.jobs.transition(jobId, { statuses: ['RUNNING'], attempt, fence }, state);
  }

  private owe(write: () => Promise<unknown>): void {
    const writing = this.repeat(write).finally(() => {
      this.writing.delete(writing);
    });
    this.writing.add(writing);
  }

  private async repeat(write: () => Promise<unknown>): Promise<void> {
    let pauseMs = PAUSE_MS_FIRST;
    while (await this.paused(pauseMs)) {
      try {
        await write();
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

import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { onAbort } from '../common/async/abort';
import type { Job, JobState } from './job';
import { type TransitionGuard, JobRepository, type TransitionResult } from './job.repository';

/** Milliseconds between two reads of a watched job: short at first, because most programs finish soon, then growing to one second. */
const POLL_MS_FIRST = 200;
const POLL_MS_MAX = 1000;
const POLL_MS_GROWTH = 1.3;

type OnFound = (job: Job | undefined) => void;

interface WatchedJob {
  readonly waiters: Set<OnFound>;
  /** Changes made by this process. A read that started before the latest one is outdated. */
  changeCount: number;
  timer: NodeJS.Timeout | undefined;
}

/** Differs between any two states of a job. */
export const versionOf = ({ attempt, status, fence, updatedAt }: JobState): string =>
  [attempt, status, fence, updatedAt].join(' ');

/**
 * Notifies callers that wait for a change of a job. It sees changes by this process at once, and changes by other processes by
 * polling the storage, with one poll for all waiters of a job.
 */
@Injectable()
export class JobWatcher implements OnApplicationShutdown {
  private readonly logger = new Logger(JobWatcher.name);
  private readonly watchedJobs = new Map<string, WatchedJob>();

  constructor(private readonly jobs: JobRepository) {}

  /**
   * Calls JobRepository.transition and notifies the waiters of this job. Every transition goes through this method;
   * waiters would see any other only at their next poll.
   */
  async transition(jobId: string, guard: TransitionGuard, to: JobState): Promise<TransitionResult> {
    const result = await this.jobs.transition(jobId, guard, to);
    const watch = this.watchedJobs.get(jobId);
    if (watch && result.kind === 'changed') {
      watch.changeCount += 1;
      notifyWaiters(watch, result.job);
    }
    return result;
  }

  /**
   * Waits until the state of the job differs from `seen`.
   * @returns the changed job; `seen` itself if the signal aborts first; undefined if the job no longer exists
   */
  async waitForChange(seen: Job, signal: AbortSignal): Promise<Job | undefined> {
    if (signal.aborted) return seen;
    const { jobId } = seen;
    const watch = this.watchedJobs.get(jobId) ?? this.startWatching(jobId);
    return new Promise((resolve) => {
      const end = (job: Job | undefined): void => {
        watch.waiters.delete(onFound);
        removeListener();
        if (watch.waiters.size === 0) this.stopWatching(jobId, watch);
        resolve(job);
      };
      const onFound: OnFound = (job) => {
        if (job === undefined || versionOf(job) !== versionOf(seen)) end(job);
      };
      watch.waiters.add(onFound);
      const removeListener = onAbort(signal, () => {
        end(seen);
      });
    });
  }

  onApplicationShutdown(): void {
    for (const [jobId, watch] of this.watchedJobs) this.stopWatching(jobId, watch);
  }

  /** Polls at once, because the job may have changed after it was seen and before the watch started. */
  private startWatching(jobId: string): WatchedJob {
    const watch: WatchedJob = { waiters: new Set(), changeCount: 0, timer: undefined };
    this.watchedJobs.set(jobId, watch);
    this.schedulePoll(0, jobId, watch, POLL_MS_FIRST);
    return watch;
  }

  private stopWatching(jobId: string, watch: WatchedJob): void {
    clearTimeout(watch.timer);
    if (this.watchedJobs.get(jobId) === watch) this.watchedJobs.delete(jobId);
  }

  private schedulePoll(ms: number, jobId: string, watch: WatchedJob, nextMs: number): void {
    watch.timer = setTimeout(() => {
      void this.poll(jobId, watch).then(() => {
        if (this.watchedJobs.get(jobId) !== watch) return;
        this.schedulePoll(nextMs, jobId, watch, Math.min(nextMs * POLL_MS_GROWTH, POLL_MS_MAX));
      });
    }, ms);
  }

  private async poll(jobId: string, watch: WatchedJob): Promise<void> {
    const { changeCount } = watch;
    try {
      const job = await this.jobs.find(jobId);
      if (watch.changeCount === changeCount) notifyWaiters(watch, job);
    } catch (error) {
      // Keep waiting: the next poll may succeed.
      this.logger.debug({ err: error, job_id: jobId }, 'failed to read watched job');
    }
  }
}

function notifyWaiters(watch: WatchedJob, job: Job | undefined): void {
  for (const onFound of [...watch.waiters]) onFound(job);
}

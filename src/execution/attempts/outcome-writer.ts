import { Injectable, Logger } from '@nestjs/common';
import { STORAGE_RETRY, backoffMs, pause, retryWithBackoff } from '../../common/async/backoff';
import { withTimeout } from '../../common/async/with-timeout';
import type { Job, JobState } from '../../jobs/job';
import { restoredState } from '../../jobs/job-transitions';
import { JobWatcher } from '../../jobs/job-watcher';
import type { TransitionResult } from '../../jobs/job.repository';

/** Delays between the attempts of a write in the background. */
const BACKOFF = { firstMs: 1000, factor: 2, maxMs: 30_000 };
/** Milliseconds for the last attempt to write during a shutdown. */
const LAST_WRITE_MS_MAX = 3000;

/** @param written undefined when the write was given up */
type OnSettled = (written?: TransitionResult) => void;

/**
 * Writes the states that take jobs out of RUNNING. While the storage is unavailable, it retries in the background until the
 * storage confirms the write or the process shuts down.
 */
@Injectable()
export class OutcomeWriter {
  private readonly stopping = new AbortController();
  /** Aborts when a shutdown leaves no more time for retries. */
  readonly stopSignal = this.stopping.signal;
  private readonly pendingWrites = new Set<Promise<unknown>>();
  private readonly logger = new Logger(OutcomeWriter.name);

  constructor(private readonly jobs: JobWatcher) {}

  /**
   * Takes a job out of RUNNING.
   * @param job RUNNING, in the attempt that has ended
   * @param onSettled called once, with the result or when the write is given up; possibly long after this method has thrown
   * @throws StorageUnavailableError when the write is retried in the background
   */
  async write(job: Job, state: JobState, onSettled: OnSettled): Promise<TransitionResult> {
    try {
      const written = await retryWithBackoff(() => this.transition(job, state), {
        ...STORAGE_RETRY,
        signal: this.stopSignal,
      });
      onSettled(written);
      return written;
    } catch (error) {
      const write = async (): Promise<void> => {
        onSettled(await this.transition(job, state));
      };
      this.writeInBackground(job.jobId, write, onSettled);
      throw error;
    }
  }

  /**
   * Makes sure that an execution does not start after its start, or its queueing, was not confirmed by the storage. That write
   * may have happened, or may still arrive: the first is reverted, and a new fence rejects the second.
   */
  revertUncertainStart(before: Job, started: Job): void {
    const restored = restoredState(before, started);
    const { jobId, status, attempt, fence } = before;
    const guard = { statuses: [status], attempt, fence };
    this.writeInBackground(jobId, async () => {
      const reverted = await this.transition(started, restored);
      if (reverted.kind !== 'conflict' || reverted.current.attempt !== attempt) return;
      const fenced = await this.jobs.transition(jobId, guard, restored);
      // The uncertain write arrived between these two.
      if (fenced.kind === 'conflict' && fenced.current.fence === started.fence)
        await this.transition(started, restored);
    });
  }

  /** Attempts each pending write once more. A job whose write is given up is RUNNING until its lease expires. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await withTimeout(LAST_WRITE_MS_MAX, Promise.all(this.pendingWrites));
    if (this.pendingWrites.size > 0)
      this.logger.error({ count: this.pendingWrites.size }, 'gave up writing outcomes at shutdown');
  }

  /** The guard includes the fence, so it matches only this attempt. */
  private transition({ jobId, status, attempt, fence }: Job, state: JobState): Promise<TransitionResult> {
    return this.jobs.transition(jobId, { statuses: [status], attempt, fence }, state);
  }

  /** @param onGivenUp called when the write never succeeds */
  private writeInBackground(
    jobId: string,
    write: () => Promise<unknown>,
    onGivenUp: () => void = () => undefined,
  ): void {
    const pending: Promise<unknown> = this.retry(write).then(
      () => this.pendingWrites.delete(pending),
      (error: unknown) => {
        onGivenUp();
        this.logger.error({ err: error, job_id: jobId }, 'failed to write outcome');
      },
    );
    this.pendingWrites.add(pending);
  }

  /** Unlike retryWithBackoff, makes one more attempt when the shutdown starts during an attempt that fails. */
  private async retry(write: () => Promise<unknown>): Promise<void> {
    for (let retries = 0; ; retries += 1) {
      await pause(backoffMs(BACKOFF, retries), this.stopSignal);
      const isLast = this.stopSignal.aborted;
      try {
        await write();
        return;
      } catch (error) {
        if (isLast) throw error;
      }
    }
  }
}

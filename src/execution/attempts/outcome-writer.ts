/** Ends of executions that the storage does not take: written as soon as it takes them. */
import { Injectable, Logger } from '@nestjs/common';
import type { Job, JobState } from '../../jobs/job';
import { restoredState } from '../../jobs/job-transitions';
import { JobWatcher } from '../../jobs/job-watcher';
import type { TransitionResult } from '../../jobs/job.repository';
import { STORAGE_RETRY, pause, retryWithBackoff } from '../../common/async/backoff';
import { withTimeout } from '../../common/async/with-timeout';

const BACKOFF = { firstMs: 1000, factor: 2, maxMs: 30_000 };
/** ms for the last try of a service that is being stopped. */
const LAST_MS_MAX = 3000;

type OnSettled = (written?: TransitionResult) => void;

@Injectable()
export class OutcomeWriter {
  private readonly stopping = new AbortController();
  /** Aborted when the service has no more time for its storage. */
  readonly isStopping = this.stopping.signal;
  private readonly writing = new Set<Promise<unknown>>();
  private readonly logger = new Logger(OutcomeWriter.name);

  constructor(private readonly jobs: JobWatcher) {}

  /**
   * Takes a job out of RUNNING: now, or later when the storage does not take it in time.
   * @param job RUNNING, in the attempt that has ended
   * @param onSettled called once, now or later: with what was written; without, when it is given up
   * @throws StorageUnavailableError when it is owed from now on
   */
  async write(job: Job, ending: JobState, onSettled: OnSettled): Promise<TransitionResult> {
    try {
      const written = await retryWithBackoff(() => this.end(job, ending), {
        ...STORAGE_RETRY,
        signal: this.isStopping,
      });
      onSettled(written);
      return written;
    } catch (error) {
      this.owe(async () => {
        onSettled(await this.end(job, ending));
      }, onSettled);
      throw error;
    }
  }

  /**
   * Settles an execution whose beginning, or queueing, got no answer: it has not begun, and never shall. The write may have been made,
   * or may still arrive: what was made is taken back, and a new fence keeps out what comes late.
   */
  revertUncertainStart(before: Job, begun: Job): void {
    const restored = restoredState(before, begun);
    const { jobId, status, attempt, fence } = before;
    const from = { statuses: [status], attempt, fence };
    this.owe(async () => {
      const undone = await this.end(begun, restored);
      if (undone.kind !== 'conflict' || undone.current.attempt !== attempt) return;
      const fenced = await this.jobs.transition(jobId, from, restored);
      // It has arrived between the two.
      if (fenced.kind === 'conflict' && fenced.current.fence === begun.fence) await this.end(begun, restored);
    });
  }

  /** Tries once more. What is owed after that is RUNNING until its lease ends. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await withTimeout(LAST_MS_MAX, Promise.all(this.writing));
    if (this.writing.size > 0)
      this.logger.error(`${this.writing.size.toString()} ends of executions could not be stored`);
  }

  /** Of this very execution, which its fence tells from any other. */
  private end({ jobId, status, attempt, fence }: Job, state: JobState): Promise<TransitionResult> {
    return this.jobs.transition(jobId, { statuses: [status], attempt, fence }, state);
  }

  /** @param onGivenUp called when it is never written */
  private owe(write: () => Promise<unknown>, onGivenUp: () => void = () => undefined): void {
    const writing: Promise<unknown> = this.repeat(write).then(
      () => this.writing.delete(writing),
      (error: unknown) => {
        onGivenUp();
        this.logger.error({ err: error }, 'the end of an execution could not be stored');
      },
    );
    this.writing.add(writing);
  }

  private async repeat(write: () => Promise<unknown>): Promise<void> {
    await pause(BACKOFF.firstMs, this.isStopping);
    const backoff = { ...BACKOFF, firstMs: BACKOFF.firstMs * BACKOFF.factor };
    await retryWithBackoff(write, { backoff, signal: this.isStopping });
  }
}

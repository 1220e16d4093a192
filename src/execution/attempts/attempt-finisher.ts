import { Injectable } from '@nestjs/common';
import { STORAGE_RETRY, retryWithBackoff } from '../../common/async/backoff';
import { QueueSettings } from '../../config/settings';
import type { ExecutionReport, OutputChunk } from '../../engine-contract/report';
import type { Job, JobState } from '../../jobs/job';
import { JobRepository } from '../../jobs/job.repository';
import { finishedState, restoredState } from '../../jobs/job-transitions';
import { jobNotFoundProblem } from '../../jobs/jobs.service';
import { LogRepository } from '../../jobs/log.repository';
import {
  type AttemptFailure,
  ENGINE_TIMED_OUT,
  SHUTDOWN,
  UNEXPECTED_CANCELLATION,
  classifyFailure,
  stateAfterFailure,
  wasRejectedByEngine,
} from '../recovery/failure-policy';
import type { StopCause } from './active-executions';
import { TransitionFollowUp } from '../recovery/transition-follow-up';
import { completionAfterStop } from './completion-after-stop';
import type { LeaseRenewal } from './lease-renewal';
import { type AttemptTimes, toOutcome } from './outcome';
import { OutcomeWriter } from './outcome-writer';

export interface FinishedRun {
  readonly report: ExecutionReport;
  /** Why this process stopped the program; undefined when it did not. */
  readonly stopCause: StopCause | undefined;
  readonly output: readonly OutputChunk[];
  readonly times: () => AttemptTimes;
}

/** Determines the state that follows an attempt and takes the job out of RUNNING. */
@Injectable()
export class AttemptFinisher {
  constructor(
    private readonly jobs: JobRepository,
    private readonly logs: LogRepository,
    private readonly outcomes: OutcomeWriter,
    private readonly followUp: TransitionFollowUp,
    private readonly settings: QueueSettings,
  ) {}

  /**
   * Determines the state after an attempt with a report; unless the attempt failed, stores its logs first.
   * @param before the job before a synchronous execution; undefined for an asynchronous one
   * @throws StorageUnavailableError
   */
  async stateAfterRun(job: Job, before: Job | undefined, run: FinishedRun): Promise<JobState> {
    const failure = before ? undefined : await this.findFailure(job, run);
    if (failure) return this.stateAfterFailure(job, failure);
    // The logs are stored first, so that a job in a final state never promises logs that do not exist.
    await retryWithBackoff(() => this.logs.put(job.jobId, job.attempt, run.output), {
      ...STORAGE_RETRY,
      signal: this.outcomes.stopSignal,
    });
    const outcome = toOutcome(run.report, job, run.times());
    const completion = { ...completionAfterStop(run.report, run.stopCause), outcome };
    return finishedState(job, completion, new Date().toISOString());
  }

  /** Determines the state after an attempt without a report. */
  stateAfterError(job: Job, before: Job | undefined, error: unknown): JobState {
    if (before && wasRejectedByEngine(error)) return restoredState(before, job);
    return this.stateAfterFailure(job, classifyFailure(error, job));
  }

  /**
   * Takes the job out of RUNNING, and ends the lease as soon as this is written.
   * @returns the job afterwards; when another process took it over, as that process left it
   * @throws StorageUnavailableError when the write is retried in the background
   */
  async finish(job: Job, state: JobState, lease: LeaseRenewal): Promise<Job> {
    const result = await this.outcomes.write(job, state, (written) => {
      lease.end();
      if (written?.kind === 'changed') this.followUp.start(job, written.job);
    });
    switch (result.kind) {
      case 'changed':
        return result.job;
      case 'missing':
        throw jobNotFoundProblem();
      case 'conflict':
        // The lease expired, and another process took the job over.
        return result.current;
    }
  }

  /** An asynchronous execution ends when its program ends or a client cancels it; any other stop is a failure. */
  private async findFailure(job: Job, run: FinishedRun): Promise<AttemptFailure | undefined> {
    if (run.stopCause === 'shutdown') return SHUTDOWN;
    if (run.stopCause === 'engine-timeout') return ENGINE_TIMED_OUT;
    if (run.report.verdict !== 'CANCELLED' || run.stopCause !== undefined) return undefined;
    // Another gateway cancelled the program on the engine: for a client, which the job then shows, or before it started a
    // new attempt because it considered this process dead.
    const current = await this.jobs.find(job.jobId);
    return current?.cancelRequested ? undefined : UNEXPECTED_CANCELLATION;
  }

  private stateAfterFailure(job: Job, failure: AttemptFailure): JobState {
    return stateAfterFailure(job, failure, this.settings.attemptsMax, new Date());
  }
}

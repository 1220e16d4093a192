import { Injectable } from '@nestjs/common';
import { onAbort } from '../../common/async/abort';
import { ProblemException } from '../../common/problems/problem.exception';
import type { ExecutionReport } from '../../engine-contract/report';
import type { Job, JobState } from '../../jobs/job';
import type { Lease } from '../../jobs/job-transitions';
import type { ProgramInput } from '../queue/queued-request.store';
import { ActiveExecutions, type StopCause } from './active-executions';
import { AttemptFinisher } from './attempt-finisher';
import { LeaseService } from './lease.service';
import { type LiveOutput, LiveOutputRegistry } from './live-output';
import { ProgramRunner } from './program-runner';

export interface StartedAttempt {
  readonly kind: 'started';
  /** The job in the state RUNNING. */
  readonly job: Job;
  /** The job before a synchronous execution; undefined for an asynchronous one. */
  readonly before: Job | undefined;
  readonly input: () => Promise<ProgramInput>;
}

export type AttemptStart =
  | StartedAttempt
  /** Another process was faster, or the job was cancelled. */
  | { readonly kind: 'superseded'; readonly job: Job };

/** The state that follows an attempt, and the error to report when there is one. */
interface AttemptEnd {
  readonly state: JobState;
  readonly error?: Error;
}

/** Runs one attempt at an execution: whatever happens, the job leaves RUNNING. */
@Injectable()
export class AttemptRunner {
  constructor(
    private readonly activeExecutions: ActiveExecutions,
    private readonly leases: LeaseService,
    private readonly programs: ProgramRunner,
    private readonly liveOutput: LiveOutputRegistry,
    private readonly finisher: AttemptFinisher,
  ) {}

  /**
   * Runs the attempt under ActiveExecutions, so that it can be stopped as soon as its start is written.
   * @param start writes the start of the attempt with the lease that it creates
   * @param disconnect stops the program when the client disconnects
   * @returns the job after the attempt
   * @throws ProblemException when there is no report; by then the job has left RUNNING, or OutcomeWriter retries the
   *   write of its state
   */
  run(
    jobId: string,
    start: (createLease: () => Lease) => Promise<AttemptStart>,
    disconnect?: AbortSignal,
  ): Promise<Job> {
    return this.activeExecutions.track(jobId, async (stop) => {
      const attempt = await start(() => this.leases.create());
      return attempt.kind === 'started' ? this.runStarted(attempt, stop, disconnect) : attempt.job;
    });
  }

  private async runStarted(
    attempt: StartedAttempt,
    stop: AbortController,
    disconnect: AbortSignal | undefined,
  ): Promise<Job> {
    const { job } = attempt;
    const abort = (cause: StopCause): void => {
      stop.abort(cause);
    };
    const output = this.liveOutput.open(job);
    const lease = this.leases.startRenewal(job, abort);
    const removeListener =
      disconnect &&
      onAbort(disconnect, () => {
        abort('client-disconnected');
      });
    try {
      const { state, error } = await this.runProgram(attempt, stop, output);
      const finished = await this.finisher.finish(job, state, lease);
      if (error !== undefined) throw error;
      return finished;
    } finally {
      removeListener?.();
      this.liveOutput.close(job.jobId, output);
    }
  }

  private async runProgram(
    { job, before, input }: StartedAttempt,
    stop: AbortController,
    output: LiveOutput,
  ): Promise<AttemptEnd> {
    const elapsedMs = stopwatch();
    let fetchMs = 0;
    try {
      const report = await this.programs.run({
        job,
        input,
        stop,
        output,
        onFetched: () => {
          fetchMs = elapsedMs();
        },
      });
      const stopCause = stopCauseOf(report, stop.signal);
      const state = await this.finisher.stateAfterRun(job, before, {
        report,
        stopCause,
        output: output.chunks,
        times: () => ({ fetchMs, totalMs: elapsedMs() }),
      });
      return before && stopCause === 'engine-timeout' ? { state, error: engineTimeoutProblem() } : { state };
    } catch (error) {
      return { state: this.finisher.stateAfterError(job, before, error), error: error as Error };
    }
  }
}

/** A stop that came after the program had ended did not stop it. */
const stopCauseOf = ({ verdict }: ExecutionReport, { reason }: AbortSignal): StopCause | undefined =>
  verdict === 'CANCELLED' ? (reason as StopCause | undefined) : undefined;

const engineTimeoutProblem = (): ProblemException =>
  new ProblemException('engine-timeout', 'The engine returned no result in time.');

/** @returns a function that returns the ms since now, with two decimals */
function stopwatch(): () => number {
  const startedAt = performance.now();
  return () => Math.round((performance.now() - startedAt) * 100) / 100;
}

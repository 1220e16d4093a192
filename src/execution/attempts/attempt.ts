/** One attempt at executing a job that is RUNNING: it always leaves that state. */
import { ProblemException } from '../../common/problems/problem.exception';
import type { ExecutionReport } from '../../engine-contract/report';
import type { Job, JobState, Outcome } from '../../jobs/job';
import { finishedState, restoredState } from '../../jobs/job-transitions';
import { jobNotFound } from '../../jobs/jobs.service';
import type { AttemptDependencies } from './attempt-dependencies';
import {
  UNEXPECTED_CANCELLATION,
  ENGINE_TIMED_OUT,
  type AttemptFailure,
  SHUTDOWN,
  failureOf,
  stateAfterFailure,
  wasRejectedByEngine,
} from '../recovery/failure-policy';
import { LeaseRenewal } from './lease-renewal';
import type { LiveOutput } from './live-output';
import { STORAGE_RETRY, retryWithBackoff } from '../../common/async/backoff';
import type { StopCause } from './active-executions';
import { completionAfterStop } from './completion-after-stop';
import type { ProgramInput } from '../queue/queued-request.store';

export interface AttemptContext {
  /** RUNNING. */
  readonly job: Job;
  /** The job as it was before a client asked that now waits; undefined when nobody waits. */
  readonly before: Job | undefined;
  readonly asked: () => Promise<ProgramInput>;
  /** Ends the execution early; its reason is a StopCause. */
  readonly stop: AbortController;
}

export class Attempt {
  private readonly started = performance.now();
  private readonly output: LiveOutput;
  private readonly lease: LeaseRenewal;
  private readonly job: Job;
  private timer: NodeJS.Timeout | undefined;
  private fetchMs = 0;
  /** Whether the end of this attempt is settled, be it written or owed. */
  private left = false;

  constructor(
    private readonly use: AttemptDependencies,
    private readonly of: AttemptContext,
  ) {
    this.job = of.job;
    this.output = use.live.open(of.job);
    this.lease = new LeaseRenewal(use.jobs, of.job, use.queue.leaseMs, (cause) => {
      this.end(cause);
    });
  }

  /** @throws ProblemException when there is no report; the job has left RUNNING by then */
  async run(disconnect?: AbortSignal): Promise<Job> {
    const onDisconnect = (): void => {
      this.end('client-disconnected');
    };
    disconnect?.addEventListener('abort', onDisconnect, { once: true });
    if (disconnect?.aborted) onDisconnect();
    try {
      const report = await this.execute();
      return await this.conclude(report);
    } catch (error) {
      throw await this.abandon(error);
    } finally {
      clearTimeout(this.timer);
      disconnect?.removeEventListener('abort', onDisconnect);
      this.use.live.close(this.job.jobId, this.output);
    }
  }

  private end(cause: StopCause): void {
    this.of.stop.abort(cause);
  }

  private async execute(): Promise<ExecutionReport> {
    const { jobId, language, s3Key, timeoutMs, dispatch } = this.job;
    const [code, asked] = await Promise.all([this.use.code.get(s3Key), this.of.asked()]);
    this.fetchMs = this.elapsedMs();
    const patienceMs = this.use.settings.engineTimeoutMs * (asked.inputs?.length ?? 1);
    this.timer = setTimeout(() => {
      this.end('engine-timeout');
    }, patienceMs);
    // What an engine still runs of an attempt whose process is gone must not run beside this one.
    if (dispatch && dispatch.tries > 1) await this.use.engine.cancel(jobId);
    return this.use.engine.execute(
      { jobId, language, code, ...asked, timeoutMs: timeoutMs ?? 0 },
      {
        signal: this.of.stop.signal,
        onOutput: (chunk) => {
          this.output.push(chunk);
        },
      },
    );
  }

  private async conclude(report: ExecutionReport): Promise<Job> {
    const cause =
      report.verdict === 'CANCELLED' ? (this.of.stop.signal.reason as StopCause | undefined) : undefined;
    const fault = this.of.before ? undefined : await this.faultBehind(report, cause);
    if (fault) return this.leave(this.after(fault));
    const { jobId, attempt } = this.job;
    // The logs come first, so that a final job never promises logs that are not there.
    await retryWithBackoff(() => this.use.logs.put(jobId, attempt, this.output.chunks), {
      ...STORAGE_RETRY,
      signal: this.use.owed.isStopping,
    });
    const ending = completionAfterStop(report, cause);
    const job = await this.leave(
      finishedState(this.job, { ...ending, outcome: this.outcomeOf(report) }, now()),
    );
    if (cause === 'engine-timeout')
      throw new ProblemException('engine-timeout', 'The engine gave no result in time.');
    return job;
  }

  /** Of an execution that nobody waits for: what stopped it, unless a client did, is no end of it. */
  private async faultBehind(
    { verdict }: ExecutionReport,
    cause: StopCause | undefined,
  ): Promise<AttemptFailure | undefined> {
    if (cause === 'shutdown') return SHUTDOWN;
    if (cause === 'engine-timeout') return ENGINE_TIMED_OUT;
    if (verdict !== 'CANCELLED' || cause !== undefined) return undefined;
    // Another gateway has told the engine: for a client, which has left word in the job, or in place of a process that
    // it took for dead.
    const job = await this.use.jobs.find(this.job.jobId);
    return job?.cancelRequested ? undefined : UNEXPECTED_CANCELLATION;
  }

  /** Takes the job out of RUNNING after a fault, and gives the problem that tells it. */
  private async abandon(error: unknown): Promise<unknown> {
    if (this.left) return error;
    const { before } = this.of;
    const isRestored = before !== undefined && wasRejectedByEngine(error);
    await this.leave(isRestored ? restoredState(before, this.job) : this.after(failureOf(error, this.job)));
    return error;
  }

  private after(fault: AttemptFailure): JobState {
    return stateAfterFailure(this.job, fault, this.use.queue.attemptsMax, new Date());
  }

  /** This attempt alone may take the job out of the state that it brought it into. */
  private async leave(state: JobState): Promise<Job> {
    this.left = true;
    const transition = await this.use.owed.write(this.job, state, (written) => {
      this.lease.end();
      if (written?.kind === 'changed') this.use.finishing.complete(this.job, written.job);
    });
    switch (transition.kind) {
      case 'changed':
        return transition.job;
      case 'missing':
        throw jobNotFound();
      case 'conflict':
        // It gave no sign of life for so long that it was taken: the job that there is says so.
        return transition.current;
    }
  }

  private outcomeOf(report: ExecutionReport): Outcome {
    const { exitCode, signal, compile, resource, compileCached, sandbox, queuedMs, results } = report;
    const { stdout, stderr, stdoutBytes, stderrBytes, stdoutTruncated, stderrTruncated } = report;
    return {
      exitCode,
      signal,
      ...{ stdout, stderr, stdoutBytes, stderrBytes, stdoutTruncated, stderrTruncated },
      compile,
      resource,
      ...(results && { results }),
      timings: {
        queuedMs: this.queuedMs() + queuedMs,
        fetchMs: this.fetchMs,
        compileMs: compileCached ? 0 : (compile?.resource.executionTimeMs ?? null),
        compileCached,
        sandbox,
        runMs: resource?.executionTimeMs ?? null,
        totalMs: this.queuedMs() + this.elapsedMs(),
      },
    };
  }

  /** ms in the queue; by the clocks of two processes, perhaps. */
  private queuedMs(): number {
    const { dispatch, startedAt } = this.job;
    if (!dispatch?.queuedAt || startedAt === null) return 0;
    return Math.max(0, Date.parse(startedAt) - Date.parse(dispatch.queuedAt));
  }

  private elapsedMs(): number {
    return Math.round((performance.now() - this.started) * 100) / 100;
  }
}

const now = (): string => new Date().toISOString();

/** One attempt at executing a job that is RUNNING: it always leaves that state. */
import { ProblemException } from '../common/problems/problem.exception';
import type { ExecutionReport, OutputChunk } from '../common/report';
import type { Job, JobState, Outcome } from '../jobs/job';
import { type Ending, finishedState, restoredState } from '../jobs/job-transitions';
import { jobNotFound } from '../jobs/jobs.service';
import type { AttemptDependencies } from './attempt-dependencies';
import { type ExecutionRequest, isRefusal } from './engine.client';
import { retried } from './retry';
import type { StopCause } from './running-jobs';

export class Attempt {
  private readonly started = performance.now();
  private readonly chunks: OutputChunk[] = [];
  private fetchMs = 0;
  /** Whether the end of this attempt is settled, be it written or owed. */
  private left = false;

  /**
   * @param before the job as it was before this attempt
   * @param job the job, RUNNING
   * @param stop ends the execution early; its reason is a StopCause
   */
  constructor(
    private readonly use: AttemptDependencies,
    private readonly before: Job,
    private readonly job: Job,
    private readonly asked: Pick<ExecutionRequest, 'input' | 'client'>,
    private readonly stop: AbortController,
  ) {}

  /** @throws ProblemException when there is no report; the job has left RUNNING by then */
  async run(hangUp: AbortSignal): Promise<Job> {
    const onHangUp = (): void => {
      this.end('hang-up');
    };
    const timer = setTimeout(() => {
      this.end('engine-timeout');
    }, this.use.settings.engineTimeoutMs);
    hangUp.addEventListener('abort', onHangUp, { once: true });
    if (hangUp.aborted) onHangUp();
    try {
      const report = await this.execute();
      return await this.conclude(report);
    } catch (error) {
      throw await this.abandon(error);
    } finally {
      clearTimeout(timer);
      hangUp.removeEventListener('abort', onHangUp);
    }
  }

  private end(cause: StopCause): void {
    this.stop.abort(cause);
  }

  private async execute(): Promise<ExecutionReport> {
    const { jobId, language, s3Key, timeoutMs } = this.job;
    const code = await this.use.code.get(s3Key);
    this.fetchMs = this.elapsedMs();
    return this.use.engine.execute(
      { jobId, language, code, ...this.asked, timeoutMs: timeoutMs ?? 0 },
      {
        signal: this.stop.signal,
        onOutput: (chunk) => {
          this.chunks.push(chunk);
        },
      },
    );
  }

  /** The logs come first, so that a final job never promises logs that are not there. */
  private async conclude(report: ExecutionReport): Promise<Job> {
    const cause =
      report.verdict === 'CANCELLED' ? (this.stop.signal.reason as StopCause | undefined) : undefined;
    const { jobId, attempt } = this.job;
    await retried(() => this.use.logs.put(jobId, attempt, this.chunks), this.use.owed.isStopping);
    const ending = endingOf(report, cause);
    const job = await this.leave(
      finishedState(this.job, { ...ending, outcome: this.outcomeOf(report) }, now()),
    );
    if (cause === 'engine-timeout')
      throw new ProblemException('engine-timeout', 'The engine gave no result in time.');
    return job;
  }

  /** Takes the job out of RUNNING after a fault, and gives the problem that tells it. */
  private async abandon(error: unknown): Promise<unknown> {
    if (this.left) return error;
    const refused = error instanceof ProblemException && isRefusal(error.code);
    const message = error instanceof ProblemException ? error.detail : 'The service failed.';
    await this.leave(
      refused
        ? restoredState(this.before, this.job)
        : finishedState(
            this.job,
            { verdict: 'ENGINE_ERROR', outcome: null, hasLogs: false, errorMessage: message },
            now(),
          ),
    );
    return error;
  }

  /** This attempt alone may take the job out of the state that it brought it into. */
  private async leave(state: JobState): Promise<Job> {
    this.left = true;
    const transition = await this.use.owed.write(this.job, state);
    switch (transition.kind) {
      case 'changed':
        return transition.job;
      case 'missing':
        throw jobNotFound();
      case 'conflict':
        // It took so long that it was found abandoned: the job that there is says so.
        return transition.current;
    }
  }

  private outcomeOf(report: ExecutionReport): Outcome {
    const { exitCode, signal, compile, resource, compileCached, sandbox, queuedMs } = report;
    const { stdout, stderr, stdoutBytes, stderrBytes, stdoutTruncated, stderrTruncated } = report;
    return {
      exitCode,
      signal,
      ...{ stdout, stderr, stdoutBytes, stderrBytes, stdoutTruncated, stderrTruncated },
      compile,
      resource,
      timings: {
        queuedMs,
        fetchMs: this.fetchMs,
        compileMs: compileCached ? 0 : (compile?.resource.executionTimeMs ?? null),
        compileCached,
        sandbox,
        runMs: resource?.executionTimeMs ?? null,
        totalMs: this.elapsedMs(),
      },
    };
  }

  private elapsedMs(): number {
    return Math.round((performance.now() - this.started) * 100) / 100;
  }
}

const now = (): string => new Date().toISOString();

/** A stop that no client asked for is a failure of ours, never the program's. */
function endingOf(report: ExecutionReport, cause: StopCause | undefined): Omit<Ending, 'outcome'> {
  switch (cause) {
    case undefined:
    case 'cancel':
      return { verdict: report.verdict, hasLogs: true, errorMessage: report.errorMessage };
    case 'hang-up':
      return {
        verdict: 'CANCELLED',
        hasLogs: true,
        errorMessage: 'The client closed the connection before the execution ended.',
      };
    case 'engine-timeout':
      return {
        verdict: 'ENGINE_ERROR',
        hasLogs: true,
        errorMessage:
          'The engine gave no result within EXECUTION_ENGINE_TIMEOUT. It is safe to execute the job again.',
      };
    case 'shutdown':
      return {
        verdict: 'ENGINE_ERROR',
        hasLogs: true,
        errorMessage:
          'The service was stopped while this execution was running. It is safe to execute the job again.',
      };
  }
}

/** One attempt at executing a job that is RUNNING: it always leaves that state. */
import { ProblemException } from '../common/problems/problem.exception';
import type { ExecutionReport } from '../common/report';
import type { Job, JobState, Outcome } from '../jobs/job';
import { finishedState, restoredState } from '../jobs/job-transitions';
import { jobNotFound } from '../jobs/jobs.service';
import type { AttemptDependencies } from './attempt-dependencies';
import {
  ENDED_BY_NOBODY,
  ENGINE_SILENT,
  type Fault,
  SHUTDOWN,
  faultOf,
  stateAfterFault,
  wasRefused,
} from './faults';
import { Lease } from './lease';
import type { LiveOutput } from './live-outputs';
import { retried } from './retry';
import type { StopCause } from './running-jobs';
import { endingOf } from './stop-endings';
import type { Asked } from './stored-requests';

export interface AttemptOf {
  /** RUNNING. */
  readonly job: Job;
  /** The job as it was before a client asked that now waits; undefined when nobody waits. */
  readonly before: Job | undefined;
  readonly asked: () => Promise<Asked>;
  /** Ends the execution early; its reason is a StopCause. */
  readonly stop: AbortController;
}

export class Attempt {
  private readonly started = performance.now();
  private readonly output: LiveOutput;
  private readonly lease: Lease;
  private readonly job: Job;
  private timer: NodeJS.Timeout | undefined;
  private fetchMs = 0;
  /** Whether the end of this attempt is settled, be it written or owed. */
  private left = false;

  constructor(
    private readonly use: AttemptDependencies,
    private readonly of: AttemptOf,
  ) {
    this.job = of.job;
    this.output = use.live.open(of.job);
    this.lease = new Lease(use.jobs, of.job, use.queue.leaseMs, (cause) => {
      this.end(cause);
    });
  }

  /** @throws ProblemException when there is no report; the job has left RUNNING by then */
  async run(hangUp?: AbortSignal): Promise<Job> {
    const onHangUp = (): void => {
      this.end('hang-up');
    };
    hangUp?.addEventListener('abort', onHangUp, { once: true });
    if (hangUp?.aborted) onHangUp();
    try {
      const report = await this.execute();
      return await this.conclude(report);
    } catch (error) {
      throw await this.abandon(error);
    } finally {
      clearTimeout(this.timer);
      hangUp?.removeEventListener('abort', onHangUp);
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
    await retried(() => this.use.logs.put(jobId, attempt, this.output.chunks), this.use.owed.isStopping);
    const ending = endingOf(report, cause);
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
  ): Promise<Fault | undefined> {
    if (cause === 'shutdown') return SHUTDOWN;
    if (cause === 'engine-timeout') return ENGINE_SILENT;
    if (verdict !== 'CANCELLED' || cause !== undefined) return undefined;
    // Another gateway has told the engine: for a client, which has left word in the job, or in place of a process that
    // it took for dead.
    const job = await this.use.jobs.find(this.job.jobId);
    return job?.cancelRequested ? undefined : ENDED_BY_NOBODY;
  }

  /** Takes the job out of RUNNING after a fault, and gives the problem that tells it. */
  private async abandon(error: unknown): Promise<unknown> {
    if (this.left) return error;
    const { before } = this.of;
    const isRestored = before !== undefined && wasRefused(error);
    await this.leave(isRestored ? restoredState(before, this.job) : this.after(faultOf(error, this.job)));
    return error;
  }

  private after(fault: Fault): JobState {
    return stateAfterFault(this.job, fault, this.use.queue.attemptsMax, new Date());
  }

  /** This attempt alone may take the job out of the state that it brought it into. */
  private async leave(state: JobState): Promise<Job> {
    this.left = true;
    const transition = await this.use.owed.write(this.job, state, (written) => {
      this.lease.end();
      if (written?.kind === 'changed') this.use.finishing.finish(this.job, written.job);
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

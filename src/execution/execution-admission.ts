import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ProblemException } from '../common/problems/problem.exception';
import { shuttingDownProblem } from '../common/problems/shutting-down.problem';
import { type Job, type JobState, isActive, isFinal } from '../jobs/job';
import type { ExecutionParams } from '../jobs/job-transitions';
import { JobsService, jobNotFoundProblem } from '../jobs/jobs.service';
import { StartWriter } from './attempts/start-writer';
import type { ExecuteRequest } from './dto/execute.request.dto';
import { ExecutionRequestValidator } from './execution-request.validator';
import type { ProgramInput } from './queue/queued-request.store';
import { ShutdownState } from './shutdown-state';
import { WebhookEnqueuer } from './webhooks/webhook-enqueuer';

/** What a request with an Idempotency-Key fixed before it changed anything, so that its repetitions do the same. */
export interface ExecutionPlan {
  readonly executionId: string;
  /** The latest execution of the job when the plan was made; null when there was none. */
  readonly previousExecutionId: string | null;
  /** Whether an earlier request may have used this plan. */
  readonly isRepeated: boolean;
}

export interface ExecutionOptions {
  /** The client's address: engines are fair between clients. */
  readonly client: string;
  /** Aborts when the client disconnects, which stops its synchronous execution; undefined: nothing stops it. */
  readonly disconnect?: AbortSignal | undefined;
  /** Undefined when the request has no Idempotency-Key. */
  readonly plan?: ExecutionPlan | undefined;
}

export type Admission =
  | {
      readonly kind: 'admitted';
      readonly job: Job;
      readonly params: ExecutionParams;
      readonly input: ProgramInput;
    }
  /** An earlier request with the same plan has started the execution; `job` shows its state. */
  | { readonly kind: 'repeated'; readonly job: Job };

/** Decides whether a request may execute a job, and writes the first state of the execution. */
@Injectable()
export class ExecutionAdmission {
  constructor(
    private readonly validator: ExecutionRequestValidator,
    private readonly jobs: JobsService,
    private readonly webhooks: WebhookEnqueuer,
    private readonly startWriter: StartWriter,
    private readonly shutdown: ShutdownState,
  ) {}

  /**
   * @throws ProblemException `payload-too-large`, `validation-failed`, `job-not-found`, `job-already-running`,
   *   `idempotency-answer-lost`, `shutting-down`
   */
  async admit(jobId: string, request: ExecuteRequest, options: ExecutionOptions): Promise<Admission> {
    const { timeoutMs, callbackUrl, input, inputs } = this.validator.validate(request);
    const { client, plan } = options;
    const job = await this.storePendingWebhook(await this.jobs.get(jobId));
    if (job.executionId !== null && job.executionId === plan?.executionId) return { kind: 'repeated', job };
    this.assertAdmissible(job, plan);
    const executionId = plan?.executionId ?? randomUUID();
    return {
      kind: 'admitted',
      job,
      params: { timeoutMs, callbackUrl, executionId },
      input: { input, inputs, client },
    };
  }

  /**
   * Writes the first state of an admitted execution: QUEUED or RUNNING.
   * @param job as it was admitted
   * @param startState called again when the job has changed meanwhile without being executed
   * @returns the job before and after
   * @throws ProblemException `job-already-running`, `job-not-found`, `storage-unavailable`
   */
  async start(job: Job, startState: (current: Job) => JobState): Promise<{ before: Job; job: Job }> {
    if (isActive(job.status)) throw alreadyRunningProblem(job);
    const result = await this.startWriter.write(job, startState(job));
    switch (result.kind) {
      case 'changed':
        return { before: job, job: result.job };
      case 'conflict':
        if (isActive(result.current.status) || result.current.attempt !== job.attempt)
          throw alreadyRunningProblem(result.current);
        // The job was cancelled meanwhile, or a start that was rejected or reverted has left another fence.
        return this.start(await this.storePendingWebhook(result.current), startState);
      case 'missing':
        throw jobNotFoundProblem();
    }
  }

  /** A new execution overwrites the state of the job, so a pending webhook of the last execution is stored on its own first. */
  private async storePendingWebhook(job: Job): Promise<Job> {
    if (!isFinal(job.status) || job.dueAt === null) return job;
    await this.webhooks.enqueue(job);
    return this.jobs.get(job.jobId);
  }

  private assertAdmissible(job: Job, plan: ExecutionPlan | undefined): void {
    if (plan?.isRepeated && job.executionId !== plan.previousExecutionId) {
      throw new ProblemException(
        'idempotency-answer-lost',
        'The job has been executed again since this request was first made.',
        { currentStatus: job.status },
      );
    }
    if (isActive(job.status)) throw alreadyRunningProblem(job);
    if (this.shutdown.isShuttingDown) throw shuttingDownProblem();
  }
}

/** When two executions race, the other one may already have ended when this one loses. */
const alreadyRunningProblem = ({ status }: Job): ProblemException =>
  new ProblemException(
    'job-already-running',
    `Another execution of this job started first; the job is ${status}.`,
    {
      currentStatus: status,
    },
  );

import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ProblemException } from '../../common/problems/problem.exception';
import { JobsPresenter } from '../../jobs/jobs.presenter';
import { JobsService } from '../../jobs/jobs.service';
import type { ExecuteRequest } from '../dto/execute.request.dto';
import { AsynchronousExecutions } from '../asynchronous-executions';
import type { ExecutionOptions } from '../execution-admission';
import type { ExecutionCaller } from '../execution-caller';
import { SynchronousExecutions } from '../synchronous-executions';
import { type IdempotentResponse, type IdempotentRequest, jsonResponse } from './idempotency.service';

type Plan = Readonly<{
  executionId: string;
  /** The id of the execution before this one; null without one. The field is stored, so it keeps its name. */
  basis: string | null;
}>;

/** Executes jobs so that a retry with the same Idempotency-Key joins the execution of the first request. */
@Injectable()
export class IdempotentExecutions {
  constructor(
    private readonly jobs: JobsService,
    private readonly synchronous: SynchronousExecutions,
    private readonly asynchronous: AsynchronousExecutions,
    private readonly presenter: JobsPresenter,
  ) {}

  /** The request to execute a job, for IdempotencyService. */
  toIdempotentRequest(jobId: string, body: ExecuteRequest, caller: ExecutionCaller): IdempotentRequest<Plan> {
    const { key, isAsynchronous } = caller;
    return {
      key,
      operation: 'execute',
      isAsynchronous,
      method: 'POST',
      path: `/api/execute/${jobId}`,
      body,
      plan: async () => ({
        executionId: randomUUID(),
        basis: key === undefined ? null : (await this.jobs.get(jobId)).executionId,
      }),
      planAfterError: 'new',
      executePlan: (plan, isFirst) =>
        key === undefined
          ? this.execute(jobId, body, caller, {})
          : this.executeOrJoin(jobId, body, caller, plan, isFirst),
    };
  }

  /** Executes a job that the same request has uploaded. */
  async executeUpload(
    jobId: string,
    body: ExecuteRequest,
    caller: ExecutionCaller,
    executionId: string,
  ): Promise<IdempotentResponse> {
    // A new job has no earlier execution, and a retry of the upload joins this one.
    const plan = { executionId, basis: null };
    const response =
      caller.key === undefined
        ? await this.execute(jobId, body, caller, {})
        : await this.executeOrJoin(jobId, body, caller, plan, false);
    const headers = { ...response.headers, location: `/api/status/${jobId}` };
    return { ...response, status: response.status === 200 ? 201 : response.status, headers };
  }

  /** Joins the execution of another request with the same plan, when that one was faster. */
  private async executeOrJoin(
    jobId: string,
    body: ExecuteRequest,
    caller: ExecutionCaller,
    { executionId, basis }: Plan,
    isFirst: boolean,
  ): Promise<IdempotentResponse> {
    const plan = { executionId, previousExecutionId: basis, isRepeated: !isFirst };
    // A disconnect does not cancel the execution, because the client can retry with the same key.
    const execute = (): Promise<IdempotentResponse> =>
      this.execute(jobId, body, caller, { plan, disconnect: undefined });
    try {
      return await execute();
    } catch (error) {
      const isRunning = error instanceof ProblemException && error.code === 'job-already-running';
      if (!isRunning || (await this.jobs.get(jobId)).executionId !== executionId) throw error;
      return execute();
    }
  }

  private async execute(
    jobId: string,
    body: ExecuteRequest,
    { client, disconnect, isAsynchronous }: ExecutionCaller,
    options: Partial<ExecutionOptions>,
  ): Promise<IdempotentResponse> {
    const caller = { client, disconnect, ...options };
    if (isAsynchronous) {
      const job = await this.asynchronous.enqueue(jobId, body, caller);
      const location = `/api/status/${job.jobId}`;
      return jsonResponse(202, await this.presenter.toResponseWithPosition(job), {
        location,
        'preference-applied': 'respond-async',
      });
    }
    const job = await this.synchronous.execute(jobId, body, caller);
    // After a failure of the engine, a retry must execute the job again.
    return {
      ...jsonResponse(200, this.presenter.toResponse(job)),
      releasesKey: job.verdict === 'ENGINE_ERROR',
    };
  }
}

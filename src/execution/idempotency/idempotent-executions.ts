/** Requests to execute as answers, each made once under its Idempotency-Key. */
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
  /** The execution of the job that there was before this one. */
  basis: string | null;
}>;

@Injectable()
export class IdempotentExecutions {
  constructor(
    private readonly jobs: JobsService,
    private readonly synchronous: SynchronousExecutions,
    private readonly asynchronous: AsynchronousExecutions,
    private readonly presenter: JobsPresenter,
  ) {}

  /** For IdempotencyService. */
  toIdempotentRequest(jobId: string, body: ExecuteRequest, caller: ExecutionCaller): IdempotentRequest<Plan> {
    const { key, isAsynchronous } = caller;
    return {
      ...{ key, operation: 'execute', isAsynchronous },
      ...{ method: 'POST', path: `/api/execute/${jobId}`, body },
      plan: async () => ({
        executionId: randomUUID(),
        basis: key === undefined ? null : (await this.jobs.get(jobId)).executionId,
      }),
      planAfterError: 'new',
      work: (plan, isFirst) =>
        key === undefined
          ? this.execute(jobId, body, caller, {})
          : this.executeOrJoin(jobId, body, caller, plan, isFirst),
    };
  }

  /** Executes what was uploaded with the same request. */
  async executeUpload(
    jobId: string,
    body: ExecuteRequest,
    caller: ExecutionCaller,
    executionId: string,
  ): Promise<IdempotentResponse> {
    // There was no execution before; whoever repeats the upload follows the same one.
    const plan = { executionId, basis: null };
    const answer =
      caller.key === undefined
        ? await this.execute(jobId, body, caller, {})
        : await this.executeOrJoin(jobId, body, caller, plan, false);
    const headers = { ...answer.headers, location: `/api/status/${jobId}` };
    return { ...answer, status: answer.status === 200 ? 201 : answer.status, headers };
  }

  /** Another request with this plan may have been faster: then its execution is the one that this request means. */
  private async executeOrJoin(
    jobId: string,
    body: ExecuteRequest,
    caller: ExecutionCaller,
    { executionId, basis }: Plan,
    isFirst: boolean,
  ): Promise<IdempotentResponse> {
    const plan = { executionId, previousExecutionId: basis, isRepeated: !isFirst };
    // Whoever lost the connection comes again with the same key: hanging up ends nothing.
    const make = (): Promise<IdempotentResponse> =>
      this.execute(jobId, body, caller, { plan, disconnect: undefined });
    try {
      return await make();
    } catch (error) {
      const isLate = error instanceof ProblemException && error.code === 'job-already-running';
      if (!isLate || (await this.jobs.get(jobId)).executionId !== executionId) throw error;
      return make();
    }
  }

  private async execute(
    jobId: string,
    body: ExecuteRequest,
    { client, disconnect, isAsynchronous }: ExecutionCaller,
    under: Partial<ExecutionOptions>,
  ): Promise<IdempotentResponse> {
    const caller = { client, disconnect, ...under };
    if (isAsynchronous) {
      const job = await this.asynchronous.enqueue(jobId, body, caller);
      const location = `/api/status/${job.jobId}`;
      return jsonResponse(202, await this.presenter.toResponseWithPosition(job), {
        location,
        'preference-applied': 'respond-async',
      });
    }
    const job = await this.synchronous.execute(jobId, body, caller);
    // It is safe to execute again, so a repetition does.
    return { ...jsonResponse(200, this.presenter.toResponse(job)), releasesKey: job.verdict === 'ENGINE_ERROR' };
  }
}

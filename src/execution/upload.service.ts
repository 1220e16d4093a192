import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ProblemException } from '../common/problems/problem.exception';
import { UploadResponse } from '../jobs/dto/upload.response.dto';
import type { Job } from '../jobs/job';
import { JobsService, type UploadPlan, planUpload } from '../jobs/jobs.service';
import {
  type UploadAndExecuteRequest,
  assertExecutionFieldsAllowed,
} from './dto/upload-and-execute.request.dto';
import type { ExecutionCaller } from './execution-caller';
import { ExecutionRequestValidator } from './execution-request.validator';
import {
  type IdempotentResponse,
  type IdempotentRequest,
  jsonResponse,
} from './idempotency/idempotency.service';
import { IdempotentExecutions } from './idempotency/idempotent-executions';

type Plan = UploadPlan & { readonly executionId: string };

/** Uploads, with the execution that may follow in the same request. */
@Injectable()
export class UploadService {
  constructor(
    private readonly jobs: JobsService,
    private readonly validator: ExecutionRequestValidator,
    private readonly executions: IdempotentExecutions,
  ) {}

  /** The upload as IdempotencyService runs it. */
  toIdempotentRequest(body: UploadAndExecuteRequest, caller: ExecutionCaller): IdempotentRequest<Plan> {
    const isAsynchronous = body.execute === true && caller.isAsynchronous;
    return {
      key: caller.key,
      operation: 'upload',
      method: 'POST',
      path: '/api/upload',
      body,
      isAsynchronous,
      plan: () => ({ ...planUpload(), executionId: randomUUID() }),
      // Repeating an upload completes what was half done; an execution that failed has used up its plan.
      planAfterError: body.execute ? 'new' : 'same',
      executePlan: (plan) => this.upload(body, plan, { ...caller, isAsynchronous }),
    };
  }

  private async upload(
    body: UploadAndExecuteRequest,
    plan: Plan,
    caller: ExecutionCaller,
  ): Promise<IdempotentResponse> {
    assertExecutionFieldsAllowed(body);
    // Rejects an invalid execution before anything is stored.
    if (body.execute) this.validator.validate(body);
    const job = await this.jobs.upload(body, caller.key === undefined ? undefined : plan);
    if (body.execute) return this.execute(job, body, caller, plan.executionId);
    return jsonResponse(201, UploadResponse.from(job), { location: locationOf(job) });
  }

  private async execute(
    job: Job,
    body: UploadAndExecuteRequest,
    caller: ExecutionCaller,
    executionId: string,
  ): Promise<IdempotentResponse> {
    try {
      return await this.executions.executeUpload(job.jobId, body, caller, executionId);
    } catch (error) {
      if (!(error instanceof ProblemException)) throw error;
      // The job exists, so a client whose execution was rejected can execute it later.
      const headers = { ...error.extras.headers, location: locationOf(job) };
      throw new ProblemException(error.code, error.detail, { ...error.extras, headers });
    }
  }
}

const locationOf = ({ jobId }: Job): string => `/api/status/${jobId}`;

/** Uploads, with the execution that may come with them. */
import { Injectable } from '@nestjs/common';
import { ProblemException } from '../common/problems/problem.exception';
import { UploadResponse } from '../jobs/dto/upload.response.dto';
import type { Job } from '../jobs/job';
import { JobsService, type UploadPlan } from '../jobs/jobs.service';
import { type UploadAndExecuteRequest, assertMeansSomething } from './dto/upload-and-execute.request.dto';
import { IdempotentExecutions, type ExecutionCaller } from './idempotency/idempotent-executions';
import { type Answer, jsonAnswer } from './idempotency/idempotency.service';
import { ExecutionRequestValidator } from './execution-request.validator';

@Injectable()
export class UploadService {
  constructor(
    private readonly jobs: JobsService,
    private readonly checks: ExecutionRequestValidator,
    private readonly executions: IdempotentExecutions,
  ) {}

  async make(
    request: UploadAndExecuteRequest,
    plan: UploadPlan & { readonly executionId: string },
    caller: ExecutionCaller,
  ): Promise<Answer> {
    assertMeansSomething(request);
    // Before anything is stored.
    if (request.execute) this.checks.validate(request);
    const job = await this.jobs.upload(request, caller.key === undefined ? undefined : plan);
    if (request.execute) return this.executed(job, request, caller, plan.executionId);
    return jsonAnswer(201, UploadResponse.from(job), { location: locationOf(job) });
  }

  private async executed(
    job: Job,
    request: UploadAndExecuteRequest,
    caller: ExecutionCaller,
    executionId: string,
  ): Promise<Answer> {
    try {
      return await this.executions.ofUpload(job.jobId, request, caller, executionId);
    } catch (error) {
      if (!(error instanceof ProblemException)) throw error;
      // The job is there: whoever is told that it was not executed can do that.
      const headers = { ...error.extras.headers, location: locationOf(job) };
      throw new ProblemException(error.code, error.detail, { ...error.extras, headers });
    }
  }
}

const locationOf = ({ jobId }: Job): string => `/api/status/${jobId}`;

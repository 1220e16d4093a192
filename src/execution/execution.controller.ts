import type { IncomingHttpHeaders } from 'node:http';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { LanguageBody } from '../engine-contract/language.body';
import { ApiProblems } from '../common/problems/api-problems.decorator';
import { NoBody, NoQuery } from '../common/validation/no-query';
import { JobIdParam } from '../jobs/dto/job-id.param.dto';
import { CANCELLED_JOB } from '../jobs/dto/job.examples';
import { JobResponse } from '../jobs/dto/job.response.dto';
import { JobsPresenter } from '../jobs/jobs.presenter';
import { LanguageCatalogue } from '../jobs/language.catalogue';
import { CancelService } from './cancellation/cancel.service';
import { EXECUTE_EXAMPLES, ExecuteRequest } from './dto/execute.request.dto';
import { ApiPrefer } from './dto/prefer';
import { Caller, type ExecutionCaller } from './execution-caller';
import { IdempotentExecutions } from './idempotency/idempotent-executions';
import { ApiIdempotencyKey, REPLAYED_HEADER } from './idempotency/idempotency-key';
import { IdempotencyService } from './idempotency/idempotency.service';
import { PEER_HEADER } from './peers/peer-address';

@Controller('api')
export class ExecutionController {
  constructor(
    private readonly executions: IdempotentExecutions,
    private readonly idempotency: IdempotencyService,
    private readonly cancellation: CancelService,
    private readonly catalogue: LanguageCatalogue,
    private readonly presenter: JobsPresenter,
  ) {}

  @Post('execute/:job_id')
  @HttpCode(200)
  @ApiTags('jobs')
  @ApiOperation({
    operationId: 'executeJob',
    summary: 'Execute a job',
    description:
      'Waits for the result. A program that fails is a normal result: the response is 200 with a final `status` and a `verdict`. Closing the connection cancels the execution, unless the request has an Idempotency-Key, with which the client can repeat it. With `Prefer: respond-async` the response is 202 at once, and the execution is not lost when a process of the service dies. A job can be executed again whenever it is not QUEUED or RUNNING.',
  })
  @ApiPrefer()
  @ApiIdempotencyKey()
  @ApiBody({ type: ExecuteRequest, required: false, examples: EXECUTE_EXAMPLES })
  @ApiOkResponse({ description: 'The job in its final state.', type: JobResponse, headers: REPLAYED_HEADER })
  @ApiAcceptedResponse({
    description:
      'The job is QUEUED. Follow its progress with `GET /api/status/{job_id}?wait=…` or `GET /api/jobs/{job_id}/events`.',
    type: JobResponse,
    headers: {
      Location: { description: 'The path of the status of the job.', schema: { type: 'string' } },
      'Preference-Applied': { description: 'Always `respond-async`.', schema: { type: 'string' } },
      ...REPLAYED_HEADER,
    },
  })
  @ApiProblems(
    'validation-failed',
    'malformed-json',
    'unsupported-language',
    'job-not-found',
    'job-already-running',
    'idempotency-answer-lost',
    'payload-too-large',
    'unsupported-media-type',
    'idempotency-key-reused',
    'engine-error',
    'engine-unavailable',
    'engine-busy',
    'sandbox-unavailable',
    'storage-unavailable',
    'shutting-down',
    'engine-timeout',
  )
  async execute(
    @Param() { job_id }: JobIdParam,
    @Query() _query: NoQuery,
    @Body() request: ExecuteRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: ExecutionCaller,
  ): Promise<string> {
    return this.idempotency.respond(reply, this.executions.toIdempotentRequest(job_id, request, caller));
  }

  @Post('cancel/:job_id')
  @HttpCode(200)
  @ApiTags('jobs')
  @ApiOperation({
    operationId: 'cancelJob',
    summary: 'Cancel a job',
    description:
      'Stops the execution, whichever process runs it, and responds when its whole process tree has exited. A job that is QUEUED leaves the queue; one that is PENDING becomes CANCELLED as well and can still be executed later. Cancelling a job that is already CANCELLED returns the same response.',
  })
  @ApiOkResponse({ description: 'The job is CANCELLED.', type: JobResponse, example: CANCELLED_JOB })
  @ApiProblems(
    'validation-failed',
    'malformed-json',
    'job-not-found',
    'job-already-finished',
    'payload-too-large',
    'unsupported-media-type',
    'engine-error',
    'engine-unavailable',
    'storage-unavailable',
    'engine-timeout',
  )
  async cancel(
    @Param() { job_id }: JobIdParam,
    @Query() _query: NoQuery,
    @Body() _body: NoBody,
    @Headers() headers: IncomingHttpHeaders,
  ): Promise<JobResponse> {
    return this.presenter.toResponse(await this.cancellation.cancel(job_id, PEER_HEADER in headers));
  }

  @Get('languages')
  @ApiTags('service')
  @ApiOperation({
    operationId: 'listLanguages',
    summary: 'List the languages',
    description: 'All languages that the engine supports, including those whose toolchain is not installed.',
  })
  @ApiOkResponse({ description: 'The languages.', type: [LanguageBody] })
  @ApiProblems('validation-failed', 'engine-error', 'engine-unavailable')
  async languages(@Query() _query: NoQuery): Promise<readonly LanguageBody[]> {
    return this.catalogue.list();
  }
}

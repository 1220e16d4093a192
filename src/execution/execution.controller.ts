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
import { LanguageCatalog } from '../jobs/language.catalog';
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
    private readonly catalog: LanguageCatalog,
    private readonly presenter: JobsPresenter,
  ) {}

  @Post('execute/:job_id')
  @HttpCode(200)
  @ApiTags('jobs')
  @ApiOperation({
    operationId: 'executeJob',
    summary: 'Execute a job',
    description:
      'Waits for the result: a program that fails is a 200 with a final status and a verdict, and closing the connection cancels, unless the request has an Idempotency-Key to come back with. With `Prefer: respond-async` it answers 202 at once, and the execution is not lost, whatever process dies. A job can be executed again at any time but while it is queued or runs.',
  })
  @ApiPrefer()
  @ApiIdempotencyKey()
  @ApiBody({ type: ExecuteRequest, required: false, examples: EXECUTE_EXAMPLES })
  @ApiOkResponse({ description: 'The job, in its final state.', type: JobResponse, headers: REPLAYED_HEADER })
  @ApiAcceptedResponse({
    description: 'The job, QUEUED: `wait` of its status, or its events, tell how it goes on.',
    type: JobResponse,
    headers: {
      Location: { description: 'Where its status is.', schema: { type: 'string' } },
      'Preference-Applied': { description: 'respond-async', schema: { type: 'string' } },
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
    return this.idempotency.answer(reply, this.executions.requestOf(job_id, request, caller));
  }

  @Post('cancel/:job_id')
  @HttpCode(200)
  @ApiTags('jobs')
  @ApiOperation({
    operationId: 'cancelJob',
    summary: 'Cancel a job',
    description:
      'Stops an execution, wherever it runs, and answers when its whole process tree is gone; takes a job out of the queue, or retires one that is PENDING. Again on a cancelled job gives the same answer.',
  })
  @ApiOkResponse({ description: 'The job, CANCELLED.', type: JobResponse, example: CANCELLED_JOB })
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
    return this.presenter.job(await this.cancellation.cancel(job_id, PEER_HEADER in headers));
  }

  @Get('languages')
  @ApiTags('service')
  @ApiOperation({
    operationId: 'listLanguages',
    summary: 'List the languages',
    description: 'All that the engine knows, installed here or not.',
  })
  @ApiOkResponse({ description: 'The languages.', type: [LanguageBody] })
  @ApiProblems('validation-failed', 'engine-error', 'engine-unavailable')
  async languages(@Query() _query: NoQuery): Promise<readonly LanguageBody[]> {
    return this.catalog.list();
  }
}

/** Execute, cancel, languages. */
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ClientAddress } from '../common/http/client-address';
import { hangUpSignal } from '../common/http/hang-up';
import { LanguageBody } from '../common/language.body';
import { ApiProblems } from '../common/problems/api-problems.decorator';
import { NoBody, NoQuery } from '../common/validation/no-query';
import { JobIdParam } from '../jobs/dto/job-id.param.dto';
import { CANCELLED_JOB } from '../jobs/dto/job.examples';
import { JobResponse } from '../jobs/dto/job.response.dto';
import { JobsPresenter } from '../jobs/jobs.presenter';
import { LanguageCatalog } from '../jobs/language.catalog';
import { CancelService } from './cancel.service';
import { EXECUTE_EXAMPLES, ExecuteRequest } from './dto/execute.request.dto';
import { ExecutionService } from './execution.service';

@Controller('api')
export class ExecutionController {
  constructor(
    private readonly execution: ExecutionService,
    private readonly cancellation: CancelService,
    private readonly catalog: LanguageCatalog,
    private readonly presenter: JobsPresenter,
  ) {}

  @Post('execute/:job_id')
  @HttpCode(200)
  @ApiTags('jobs')
  @ApiOperation({
    operationId: 'executeJob',
    summary: 'Execute a job and wait for its result',
    description:
      'A program that fails is a 200 with a final status and a verdict. A job can be executed again at any time but while it runs. Closing the connection cancels.',
  })
  @ApiBody({ type: ExecuteRequest, required: false, examples: EXECUTE_EXAMPLES })
  @ApiOkResponse({ description: 'The job, in its final state.', type: JobResponse })
  @ApiProblems(
    'validation-failed',
    'malformed-json',
    'unsupported-language',
    'job-not-found',
    'job-already-running',
    'payload-too-large',
    'unsupported-media-type',
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
    @ClientAddress() client: string,
  ): Promise<JobResponse> {
    return this.presenter.job(
      await this.execution.execute(job_id, request, { client, hangUp: hangUpSignal(reply) }),
    );
  }

  @Post('cancel/:job_id')
  @HttpCode(200)
  @ApiTags('jobs')
  @ApiOperation({
    operationId: 'cancelJob',
    summary: 'Cancel a job',
    description:
      'Stops an execution and answers when its whole process tree is gone, or retires a job that is PENDING. Again on a cancelled job gives the same answer.',
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
  ): Promise<JobResponse> {
    return this.presenter.job(await this.cancellation.cancel(job_id));
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

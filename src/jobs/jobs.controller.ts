/** Upload, status and list. */
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblems } from '../common/problems/api-problems.decorator';
import { NoQuery } from '../common/validation/no-query';
import { JobIdParam } from './dto/job-id.param.dto';
import { JobResponse } from './dto/job.response.dto';
import { ListQuery } from './dto/list.query.dto';
import { ListResponse } from './dto/list.response.dto';
import { UPLOAD_EXAMPLES, UploadRequest } from './dto/upload.request.dto';
import { UploadResponse } from './dto/upload.response.dto';
import { JobsPresenter } from './jobs.presenter';
import { JobsService } from './jobs.service';

@ApiTags('jobs')
@Controller('api')
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly presenter: JobsPresenter,
  ) {}

  @Post('upload')
  @HttpCode(201)
  @ApiOperation({
    operationId: 'uploadCode',
    summary: 'Upload code',
    description: 'Stores the code and creates a job that is PENDING.',
  })
  @ApiBody({ type: UploadRequest, examples: UPLOAD_EXAMPLES })
  @ApiCreatedResponse({
    description: 'The job was created.',
    type: UploadResponse,
    headers: {
      Location: {
        description: 'Where its status is.',
        schema: { type: 'string' },
        example: '/api/status/01935d2e-7c1a-7000-8000-000000000000',
      },
    },
  })
  @ApiProblems(
    'validation-failed',
    'malformed-json',
    'unsupported-language',
    'payload-too-large',
    'unsupported-media-type',
    'engine-error',
    'engine-unavailable',
    'storage-unavailable',
  )
  async upload(
    @Body() request: UploadRequest,
    @Query() _query: NoQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UploadResponse> {
    const job = await this.jobs.upload(request);
    void reply.header('location', `/api/status/${job.jobId}`);
    return UploadResponse.from(job);
  }

  @Get('status/:job_id')
  @ApiOperation({
    operationId: 'getJob',
    summary: 'Get a job',
    description: 'Its state, and what its last execution yielded.',
  })
  @ApiOkResponse({ description: 'The job.', type: JobResponse })
  @ApiProblems('validation-failed', 'job-not-found', 'storage-unavailable')
  async status(@Param() { job_id }: JobIdParam, @Query() _query: NoQuery): Promise<JobResponse> {
    return this.presenter.job(await this.jobs.get(job_id));
  }

  @Get('jobs')
  @ApiOperation({
    operationId: 'listJobs',
    summary: 'List jobs',
    description:
      'Newest first, without stdout, stderr and compile. With a filter that few jobs match, a page may hold fewer than `limit`, even none, before the last: only a `next_cursor` of null is the end.',
  })
  @ApiOkResponse({
    description: 'One page.',
    type: ListResponse,
    headers: {
      Link: {
        description: 'The next page, rel="next"; absent on the last.',
        schema: { type: 'string' },
        example:
          '<http://localhost:8000/api/jobs?limit=100&cursor=AZNdLnwacACAAAAAAAAAAE1-_rpV2gkP>; rel="next"',
      },
    },
  })
  @ApiProblems('validation-failed', 'engine-error', 'engine-unavailable', 'storage-unavailable')
  async list(
    @Query() query: ListQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListResponse> {
    const { jobs, nextCursor } = await this.jobs.list(query);
    const link = this.presenter.nextLink(query, nextCursor);
    if (link !== undefined) void reply.header('link', link);
    return this.presenter.page(jobs, nextCursor);
  }
}

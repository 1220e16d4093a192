import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { createEntityTag, matchesEntityTag } from '../common/http/entity-tag';
import { disconnectSignal } from '../common/http/disconnect-signal';
import { ApiProblems } from '../common/problems/api-problems.decorator';
import { JobIdParam } from './dto/job-id.param.dto';
import { JobResponse } from './dto/job.response.dto';
import { ListQuery } from './dto/list.query.dto';
import { ListResponse } from './dto/list.response.dto';
import { StatusQuery } from './dto/status.query.dto';
import { versionOf } from './job-watcher';
import { JobLongPoll } from './job-long-poll';
import { JobsPresenter } from './jobs.presenter';
import { JobsService } from './jobs.service';

@ApiTags('jobs')
@Controller('api')
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly longPoll: JobLongPoll,
    private readonly presenter: JobsPresenter,
  ) {}

  @Get('status/:job_id')
  @ApiOperation({
    operationId: 'getJob',
    summary: 'Get a job',
    description:
      'Returns the state of the job and the result of its last execution. With `wait`, the response is delayed until the state changes, so that clients need not poll.',
  })
  @ApiHeader({
    name: 'If-None-Match',
    description:
      'The ETag of an earlier response. While the state is the same, the response is 304 without a body.',
    required: false,
    schema: { type: 'string' },
  })
  @ApiOkResponse({
    description: 'The job.',
    type: JobResponse,
    headers: {
      ETag: {
        description: 'Identifies the state of the job.',
        schema: { type: 'string' },
        example: 'W/"6Xr9jDbB"',
      },
    },
  })
  @ApiResponse({
    status: 304,
    description: 'The state has not changed since the response with the ETag in If-None-Match.',
  })
  @ApiProblems('validation-failed', 'job-not-found', 'storage-unavailable')
  async status(
    @Param() { job_id }: JobIdParam,
    @Query() { wait }: StatusQuery,
    @Headers() { 'if-none-match': ifNoneMatch }: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobResponse | undefined> {
    const job = await this.longPoll.get(job_id, {
      waitS: wait,
      ifNoneMatch,
      disconnect: disconnectSignal(reply),
    });
    const tag = createEntityTag(versionOf(job));
    void reply.header('etag', tag).header('cache-control', 'no-cache');
    if (!matchesEntityTag(ifNoneMatch, tag)) return this.presenter.toResponseWithPosition(job);
    void reply.status(304);
    return undefined;
  }

  @Get('jobs')
  @ApiOperation({
    operationId: 'listJobs',
    summary: 'List jobs',
    description:
      'Lists jobs, newest first, without `stdout`, `stderr`, `compile` and `results`. With a filter that few jobs match, a page before the last may hold fewer jobs than `limit`, or none. Only a `next_cursor` of null marks the last page.',
  })
  @ApiOkResponse({
    description: 'One page of jobs.',
    type: ListResponse,
    headers: {
      Link: {
        description: 'The URL of the next page, with rel="next". The last page has no such header.',
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
    return this.presenter.toListResponse(jobs, nextCursor);
  }
}

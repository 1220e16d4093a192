import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Get, Header, Headers, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/problems/api-problems.decorator';
import { NoQuery } from '../common/validation/no-query';
import { JobIdParam } from './dto/job-id.param.dto';
import { DownloadsService } from './downloads.service';
import { LogsQuery } from './dto/logs.query.dto';
import { TEXT_CONTENT_TYPE, NDJSON_CONTENT_TYPE, preferredFormat } from './logs-format';

@ApiTags('jobs')
@Controller('api/jobs/:job_id')
export class DownloadsController {
  constructor(private readonly downloads: DownloadsService) {}

  @Get('code')
  @Header('Content-Type', TEXT_CONTENT_TYPE)
  @ApiOperation({
    operationId: 'getCode',
    summary: 'Get the code of a job',
    description: 'Returns the code byte for byte as it was uploaded.',
  })
  @ApiOkResponse({
    description: 'The code.',
    content: { 'text/plain': { schema: { type: 'string' }, example: 'print("hello")' } },
  })
  @ApiProblems('validation-failed', 'job-not-found', 'storage-unavailable')
  async code(@Param() { job_id }: JobIdParam, @Query() _query: NoQuery): Promise<string> {
    return this.downloads.getCode(job_id);
  }

  @Get('logs')
  @ApiOperation({
    operationId: 'getLogs',
    summary: 'Get the complete output of an execution',
    description:
      'Returns the output up to the output limit, in the order of capture. With `Accept: application/x-ndjson` it returns the chunks and their times instead of plain text.',
  })
  @ApiOkResponse({
    description: 'The output.',
    content: {
      'text/plain': { schema: { type: 'string' }, example: 'hello\n' },
      'application/x-ndjson': {
        schema: { type: 'string' },
        example: '{"seq":0,"t_ms":11.2,"stream":"stdout","data":"hello\\n"}\n',
      },
    },
  })
  @ApiProblems('validation-failed', 'job-not-found', 'logs-not-found', 'storage-unavailable')
  async logs(
    @Param() { job_id }: JobIdParam,
    @Query() query: LogsQuery,
    // Read from all headers: OpenAPI describes Accept only by media types, not as a header parameter.
    @Headers() { accept }: IncomingHttpHeaders,
  ): Promise<StreamableFile> {
    const form = preferredFormat(accept);
    return new StreamableFile(await this.downloads.getLogs(job_id, query, form), {
      type: form === 'text' ? TEXT_CONTENT_TYPE : NDJSON_CONTENT_TYPE,
    });
  }
}

import { Body, Controller, HttpCode, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblems } from '../common/problems/api-problems.decorator';
import { NoQuery } from '../common/validation/no-query';
import { JobResponse } from '../jobs/dto/job.response.dto';
import { UPLOAD_EXAMPLES } from '../jobs/dto/upload.request.dto';
import { UploadResponse } from '../jobs/dto/upload.response.dto';
import { ApiPrefer } from './dto/prefer';
import { UploadAndExecuteRequest } from './dto/upload-and-execute.request.dto';
import { Caller, type ExecutionCaller } from './execution-caller';
import { ApiIdempotencyKey, REPLAYED_HEADER } from './idempotency/idempotency-key';
import { IdempotencyService } from './idempotency/idempotency.service';
import { UploadService } from './upload.service';

const LOCATION = {
  description: 'The path of the status of the job.',
  schema: { type: 'string' as const },
  example: '/api/status/01935d2e-7c1a-7000-8000-000000000000',
};

@ApiTags('jobs')
@ApiExtraModels(UploadResponse, JobResponse)
@Controller('api')
export class UploadController {
  constructor(
    private readonly uploads: UploadService,
    private readonly idempotency: IdempotencyService,
  ) {}

  @Post('upload')
  @HttpCode(201)
  @ApiOperation({
    operationId: 'uploadCode',
    summary: 'Upload code',
    description:
      'Stores the code and creates a PENDING job. With `execute: true` the job is also executed: the response is the finished job, or with `Prefer: respond-async` the QUEUED job. When the job was created but its execution was rejected, the problem response has the header Location of the job, which can be executed later.',
  })
  @ApiIdempotencyKey()
  @ApiPrefer()
  @ApiBody({ type: UploadAndExecuteRequest, examples: UPLOAD_EXAMPLES })
  @ApiCreatedResponse({
    description: 'The job was created and, with `execute: true`, executed.',
    content: {
      'application/json': {
        schema: { anyOf: [{ $ref: getSchemaPath(UploadResponse) }, { $ref: getSchemaPath(JobResponse) }] },
      },
    },
    headers: { Location: LOCATION, ...REPLAYED_HEADER },
  })
  @ApiAcceptedResponse({
    description: 'The job was created and is QUEUED.',
    type: JobResponse,
    headers: { Location: LOCATION, ...REPLAYED_HEADER },
  })
  @ApiProblems(
    'validation-failed',
    'malformed-json',
    'unsupported-language',
    'payload-too-large',
    'unsupported-media-type',
    'idempotency-key-reused',
    'idempotency-answer-lost',
    'engine-error',
    'engine-unavailable',
    'engine-busy',
    'sandbox-unavailable',
    'storage-unavailable',
    'shutting-down',
    'engine-timeout',
  )
  async upload(
    @Body() request: UploadAndExecuteRequest,
    @Query() _query: NoQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: ExecutionCaller,
  ): Promise<string> {
    return this.idempotency.respond(reply, this.uploads.toIdempotentRequest(request, caller));
  }
}

/** Upload, and execution with the same call. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Body, Controller, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
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
import { ClientAddress } from '../common/http/client-address';
import { disconnectSignal } from '../common/http/disconnect-signal';
import { prefersAsync } from '../common/http/prefer';
import { ApiProblems } from '../common/problems/api-problems.decorator';
import { NoQuery } from '../common/validation/no-query';
import { JobResponse } from '../jobs/dto/job.response.dto';
import { UPLOAD_EXAMPLES } from '../jobs/dto/upload.request.dto';
import { UploadResponse } from '../jobs/dto/upload.response.dto';
import { planUpload } from '../jobs/jobs.service';
import { ApiPrefer } from './dto/prefer';
import { UploadAndExecuteRequest } from './dto/upload-and-execute.request.dto';
import { ApiIdempotencyKey, IdempotencyKey, REPLAYED_HEADER } from './idempotency/idempotency-key';
import { IdempotencyService } from './idempotency/idempotency.service';
import { UploadService } from './upload.service';

const LOCATION = {
  description: 'Where its status is.',
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
      'Stores the code and creates a job that is PENDING. With `execute: true` the job is executed as well: the answer is then the finished job, or with `Prefer: respond-async` the QUEUED one. When only the execution is refused, the problem has the header Location of the job, which can be executed later.',
  })
  @ApiIdempotencyKey()
  @ApiPrefer()
  @ApiBody({ type: UploadAndExecuteRequest, examples: UPLOAD_EXAMPLES })
  @ApiCreatedResponse({
    description: 'The job was created; with `execute: true`, also executed.',
    content: {
      'application/json': {
        schema: { anyOf: [{ $ref: getSchemaPath(UploadResponse) }, { $ref: getSchemaPath(JobResponse) }] },
      },
    },
    headers: { Location: LOCATION, ...REPLAYED_HEADER },
  })
  @ApiAcceptedResponse({
    description: 'The job was created, and is QUEUED.',
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
    @Headers() { prefer }: IncomingHttpHeaders,
    @ClientAddress() client: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<string> {
    const isAsynchronous = request.execute === true && prefersAsync(prefer);
    const caller = { client, key, disconnect: disconnectSignal(reply), isAsynchronous };
    return this.idempotency.answer(reply, {
      ...{ key, operation: 'upload', method: 'POST', path: '/api/upload', body: request, isAsynchronous },
      plan: () => ({ ...planUpload(), executionId: randomUUID() }),
      // Of an upload alone the repetition finishes what is half done; an execution that failed has used up its plan.
      planAfterFault: request.execute ? 'new' : 'same',
      work: (plan) => this.uploads.make(request, plan, caller),
    });
  }
}

import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ClientAddress } from '../../common/http/client-address';
import { LanguageBody } from '../../engine-contract/language.body';
import { ApiProblems } from '../../common/problems/api-problems.decorator';
import { ProblemException } from '../../common/problems/problem.exception';
import { ReportBody } from '../../engine-contract/report.body';
import { NoBody, NoQuery } from '../../common/validation/no-query';
import { EngineService } from '../engine.service';
import { CancelState, EngineHealth, ExecutionState } from './engine.state.dto';
import { EngineExecuteRequest } from './execute.request.dto';
import { NDJSON, sendReport, streamReport } from './report-response';
import { ExecutionIdParam } from './execution-id.param.dto';
import { RequestValidator } from './request.validator';

@ApiTags('engine')
@Controller()
export class EngineController {
  constructor(
    private readonly engine: EngineService,
    private readonly validator: RequestValidator,
  ) {}

  @Post('execute')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Execute code and return the report',
    description:
      'Returns a report even if the program fails. Closing the connection cancels the execution. With `Accept: application/x-ndjson`, the response streams the output while the program runs. If the request has `inputs`, each line contains the index of its `input`.',
  })
  @ApiOkResponse({
    description:
      'The report. As NDJSON: lines of type `output`, followed by one line of type `report` or `problem`.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(ReportBody) } },
      [NDJSON]: { schema: { type: 'string' } },
    },
  })
  @ApiProblems(
    'validation-failed',
    'malformed-json',
    'unsupported-language',
    'job-already-running',
    'payload-too-large',
    'unsupported-media-type',
    'engine-busy',
    'sandbox-unavailable',
    'engine-error',
  )
  async execute(
    @Body() body: EngineExecuteRequest,
    @Query() _query: NoQuery,
    @Res() reply: FastifyReply,
    @ClientAddress() address: string,
    @Headers('accept') accept = '',
  ): Promise<void> {
    const request = this.validator.validate(EngineExecuteRequest.toRequest(body, address));
    await (accept.includes(NDJSON) ? streamReport : sendReport)(this.engine, request, reply);
  }

  @Post('cancel/:job_id')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Cancel an execution',
    description: 'Responds when all processes of the execution have exited.',
  })
  @ApiOkResponse({ description: 'The execution is cancelled.', type: CancelState })
  @ApiProblems('validation-failed', 'job-not-found')
  async cancel(
    @Param() { job_id }: ExecutionIdParam,
    @Query() _query: NoQuery,
    @Body() _body: NoBody,
  ): Promise<CancelState> {
    if (!(await this.engine.cancel(job_id))) throw executionNotFoundProblem();
    return { job_id, status: 'CANCELLED' };
  }

  @Get('status/:job_id')
  @ApiOperation({ summary: 'Get the status of an execution' })
  @ApiOkResponse({ description: 'The execution is queued or running.', type: ExecutionState })
  @ApiProblems('validation-failed', 'job-not-found')
  status(@Param() { job_id }: ExecutionIdParam, @Query() _query: NoQuery): ExecutionState {
    const status = this.engine.findStatus(job_id);
    if (status === undefined) throw executionNotFoundProblem();
    return { job_id, status };
  }

  @Get('languages')
  @ApiOperation({ summary: 'List languages' })
  @ApiOkResponse({
    description: 'All languages that the engine supports, whether installed or not.',
    type: [LanguageBody],
  })
  @ApiProblems('validation-failed')
  languages(@Query() _query: NoQuery): LanguageBody[] {
    return this.engine.languages();
  }

  @Get('health')
  @ApiOperation({ summary: 'Check whether the engine can execute code' })
  @ApiOkResponse({
    description: 'The engine can execute code. If it cannot, the status is 503 with the same body.',
    type: EngineHealth,
  })
  @ApiProblems('validation-failed')
  async health(@Query() _query: NoQuery, @Res() reply: FastifyReply): Promise<void> {
    const health = EngineHealth.from(this.engine.state());
    await reply.status(health.status === 'up' ? 200 : 503).send(health);
  }
}

const executionNotFoundProblem = (): ProblemException =>
  new ProblemException('job-not-found', 'The engine has no queued or running execution with this id.');

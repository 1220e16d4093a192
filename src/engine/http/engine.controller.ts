/** The engine's own contract. */
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
import { NDJSON, sendReport, streamReport } from './execution.answer';
import { ExecutionIdParam } from './execution-id.param.dto';
import { RequestLimits } from './request-limits';

@ApiTags('engine')
@Controller()
export class EngineController {
  constructor(
    private readonly engine: EngineService,
    private readonly limits: RequestLimits,
  ) {}

  @Post('execute')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Execute code and wait for its report',
    description:
      'A program that fails is a report like any other. A client that hangs up cancels. `Accept: application/x-ndjson` streams the output, each line with the `input` that it comes from when there are `inputs`.',
  })
  @ApiOkResponse({
    description: 'The report; as NDJSON lines of type `output`, then one of type `report` or `problem`.',
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
    const request = this.limits.check(EngineExecuteRequest.toRequest(body, address));
    await (accept.includes(NDJSON) ? streamReport : sendReport)(this.engine, request, reply);
  }

  @Post('cancel/:job_id')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Cancel an execution',
    description: 'Answers when its whole process tree is gone.',
  })
  @ApiOkResponse({ description: 'It is gone.', type: CancelState })
  @ApiProblems('validation-failed', 'job-not-found')
  async cancel(
    @Param() { job_id }: ExecutionIdParam,
    @Query() _query: NoQuery,
    @Body() _body: NoBody,
  ): Promise<CancelState> {
    if (!(await this.engine.cancel(job_id))) throw noExecution();
    return { job_id, status: 'CANCELLED' };
  }

  @Get('status/:job_id')
  @ApiOperation({ summary: 'Get the state of an execution' })
  @ApiOkResponse({ description: 'It is there.', type: ExecutionState })
  @ApiProblems('validation-failed', 'job-not-found')
  status(@Param() { job_id }: ExecutionIdParam, @Query() _query: NoQuery): ExecutionState {
    const status = this.engine.findStatus(job_id);
    if (status === undefined) throw noExecution();
    return { job_id, status };
  }

  @Get('languages')
  @ApiOperation({ summary: 'List the languages' })
  @ApiOkResponse({ description: 'All that the engine knows, installed or not.', type: [LanguageBody] })
  @ApiProblems('validation-failed')
  languages(@Query() _query: NoQuery): LanguageBody[] {
    return this.engine.languages();
  }

  @Get('health')
  @ApiOperation({ summary: 'Tell whether the engine can execute' })
  @ApiOkResponse({ description: 'The state; 503 with the same body when it is down.', type: EngineHealth })
  @ApiProblems('validation-failed')
  async health(@Query() _query: NoQuery, @Res() reply: FastifyReply): Promise<void> {
    const health = EngineHealth.from(this.engine.state());
    await reply.status(health.status === 'up' ? 200 : 503).send(health);
  }
}

const noExecution = (): ProblemException =>
  new ProblemException('job-not-found', 'The engine is executing no job with this id.');

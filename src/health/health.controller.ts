/** Health, for people and for orchestrators. */
import { Controller, Get, Query, UseFilters } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheckService } from '@nestjs/terminus';
import { ApiProblems } from '../common/problems/api-problems.decorator';
import { NoQuery } from '../common/validation/no-query';
import { EngineHealthIndicator } from './engine.health';
import { HealthFilter } from './health.filter';
import { HealthResponse, LiveResponse, UNHEALTHY_EXAMPLE } from './health.response.dto';
import { StorageHealthIndicator } from './storage.health';

@ApiTags('service')
@Controller('api/health')
@UseFilters(HealthFilter)
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly storage: StorageHealthIndicator,
    private readonly engine: EngineHealthIndicator,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'getHealth', summary: 'Tell the state of each dependency' })
  @ApiOkResponse({ description: 'All are up.', type: HealthResponse })
  @ApiServiceUnavailableResponse({
    description: 'At least one is down.',
    type: HealthResponse,
    example: UNHEALTHY_EXAMPLE,
  })
  @ApiProblems('validation-failed')
  async all(@Query() _query: NoQuery): Promise<object> {
    return this.health.check([...this.storage.checks(), () => this.engine.check()]);
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Tell whether to send requests here',
    description: 'Not while this instance is being stopped.',
  })
  @ApiOkResponse({ description: 'Send them.', type: HealthResponse })
  @ApiServiceUnavailableResponse({ description: 'Do not.', type: HealthResponse, example: UNHEALTHY_EXAMPLE })
  @ApiProblems('validation-failed')
  async ready(@Query() query: NoQuery): Promise<object> {
    return this.all(query);
  }

  @Get('live')
  @ApiOperation({
    operationId: 'getLiveness',
    summary: 'Tell whether this process answers',
    description: 'Asks no dependency.',
  })
  @ApiOkResponse({ description: 'It does.', type: LiveResponse })
  @ApiProblems('validation-failed')
  live(@Query() _query: NoQuery): LiveResponse {
    return { status: 'ok' };
  }
}

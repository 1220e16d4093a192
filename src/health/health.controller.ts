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
  @ApiOperation({ operationId: 'getHealth', summary: 'Get the state of each dependency' })
  @ApiOkResponse({ description: 'All dependencies are up.', type: HealthResponse })
  @ApiServiceUnavailableResponse({
    description: 'At least one dependency is down.',
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
    summary: 'Check whether this instance can serve requests',
    description: 'Returns 503 also while this instance is shutting down.',
  })
  @ApiOkResponse({ description: 'The instance can serve requests.', type: HealthResponse })
  @ApiServiceUnavailableResponse({
    description: 'The instance cannot serve requests.',
    type: HealthResponse,
    example: UNHEALTHY_EXAMPLE,
  })
  @ApiProblems('validation-failed')
  async ready(@Query() query: NoQuery): Promise<object> {
    return this.all(query);
  }

  @Get('live')
  @ApiOperation({
    operationId: 'getLiveness',
    summary: 'Check whether this process responds',
    description: 'Does not check any dependency.',
  })
  @ApiOkResponse({ description: 'The process responds.', type: LiveResponse })
  @ApiProblems('validation-failed')
  live(@Query() _query: NoQuery): LiveResponse {
    return { status: 'ok' };
  }
}

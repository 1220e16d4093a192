/** What this service is, at its root. */
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/problems/api-problems.decorator';
import { SERVICE_NAME, SERVICE_VERSION } from '../common/service-info';
import { NoQuery } from '../common/validation/no-query';
import { ServerSettings } from '../config/settings';
import { JobLinks } from '../jobs/job-links';
import { ServiceResponse } from './health.response.dto';

@ApiTags('service')
@Controller()
export class ServiceController {
  constructor(
    private readonly settings: ServerSettings,
    private readonly links: JobLinks,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'getService', summary: 'Tell what this service is' })
  @ApiOkResponse({ description: 'The service.', type: ServiceResponse })
  @ApiProblems('validation-failed')
  service(@Query() _query: NoQuery): ServiceResponse {
    const base = this.links.base();
    return {
      service: SERVICE_NAME,
      version: SERVICE_VERSION,
      status: 'running',
      environment: this.settings.environment,
      docs: `${base}/docs`,
      openapi: `${base}/openapi.json`,
      problems: `${base}/problems`,
      health: `${base}/api/health`,
    };
  }
}

import { Controller, Get, Header, Query, Res } from '@nestjs/common';
import {
  ApiExcludeEndpoint,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { prefersHtml } from '../common/http/accept';
import { addVary } from '../common/http/vary';
import { ApiProblems } from '../common/problems/api-problems.decorator';
import { SERVICE_NAME, SERVICE_VERSION } from '../common/service-info';
import { NoQuery } from '../common/validation/no-query';
import { ServerSettings } from '../config/settings';
import { JobLinks } from '../jobs/job-links';
import { ServiceResponse } from './health.response.dto';
import { SERVICE_ICON, renderServicePage } from './service.page';

@ApiTags('service')
@Controller()
export class ServiceController {
  constructor(
    private readonly settings: ServerSettings,
    private readonly links: JobLinks,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getService',
    summary: 'Get the name, version and links of this service',
    description: 'A client that prefers `text/html`, such as a browser, receives a page with the same links.',
  })
  @ApiExtraModels(ServiceResponse)
  @ApiOkResponse({
    description: 'The service and its links.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(ServiceResponse) } },
      'text/html': { schema: { type: 'string' } },
    },
  })
  @ApiProblems('validation-failed')
  service(
    @Query() _query: NoQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): ServiceResponse | string {
    addVary(reply, 'Accept');
    const service = this.describe();
    if (!prefersHtml(reply.request.headers.accept)) return service;
    void reply.type('text/html; charset=utf-8');
    return renderServicePage(service);
  }

  /** Browsers request it on their own. */
  @Get('favicon.ico')
  @Header('content-type', 'image/svg+xml')
  @Header('cache-control', 'public, max-age=86400')
  @ApiExcludeEndpoint()
  icon(): string {
    return SERVICE_ICON;
  }

  private describe(): ServiceResponse {
    const base = this.links.baseUrl();
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

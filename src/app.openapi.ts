/** The OpenAPI document, and Swagger UI on it. */
import { type OpenAPIObject, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CompileBody } from './common/compile.body';
import { ResourceBody } from './common/resource.body';
import { SERVICE_VERSION } from './common/service';
import type { Settings } from './config/settings.module';
import { TimingsBody } from './jobs/dto/job.response.dto';

const DESCRIPTION = `Upload code, execute it in a sandbox, and read back what it printed.

1. \`POST /api/upload\` with \`code\` and \`language\` gives a \`job_id\`.
2. \`POST /api/execute/{job_id}\` runs it and gives \`stdout\`, \`stderr\` and what it used.
3. \`GET /api/status/{job_id}\` gives the job again at any time; \`POST /api/cancel/{job_id}\` stops it.

Errors are RFC 9457 problems; \`GET /problems\` lists them.`;

export function createDocument(app: NestFastifyApplication, { execution }: Settings): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Service Server')
    .setDescription(DESCRIPTION)
    .setVersion(SERVICE_VERSION)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'This server')
    .addTag('jobs', 'Upload code, find jobs, read what they left.')
    .addTag('execution', 'Execute and cancel.')
    .addTag('service', 'Languages, health, problems.')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    extraModels: [CompileBody, ResourceBody, TimingsBody],
    operationIdFactory: (_controller, method) => method,
  });
  setTimeoutMaximum(document, execution.timeoutMsMax);
  // Anyone may call: said outright, so that it does not look forgotten.
  return { ...document, security: [] };
}

export function setupSwagger(app: NestFastifyApplication, settings: Settings): void {
  SwaggerModule.setup('docs', app, () => createDocument(app, settings), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Service Server',
    swaggerOptions: { tryItOutEnabled: true, displayRequestDuration: true },
  });
}

/** The maximum is a setting, which a decorator cannot know. */
function setTimeoutMaximum(document: OpenAPIObject, maximum: number): void {
  const request = document.components?.schemas?.['ExecuteRequest'];
  if (request && 'properties' in request) Object.assign(request.properties['timeout'] ?? {}, { maximum });
}

import { type OpenAPIObject, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CompileBody } from './engine-contract/compile.body';
import { finalizeDocument, setPropertyMaximum } from './common/openapi/finalize-document';
import { ResourceBody } from './engine-contract/resource.body';
import { SERVICE_VERSION } from './common/service-info';
import type { Settings } from './config/settings.module';
import { TimingsBody } from './jobs/dto/job.response.dto';

const DESCRIPTION = `Upload code, execute it in a sandbox, and read its output and resource usage.

1. \`POST /api/upload\` with \`code\` and \`language\` returns a \`job_id\`.
2. \`POST /api/execute/{job_id}\` executes the code and returns \`stdout\`, \`stderr\` and the resource usage.
3. \`GET /api/status/{job_id}\` returns the job at any time; \`POST /api/cancel/{job_id}\` cancels it.

**Without holding a request open:** with \`Prefer: respond-async\`, an execution is accepted immediately and survives the
failure of any process. \`GET /api/jobs/{job_id}/events\` streams its output as it is written. The query parameter \`wait\` of
the status endpoint holds the request until the status changes. The service sends the final job to \`callback_url\`.

**In one request:** \`execute: true\` uploads and executes, and \`inputs\` runs one program with many inputs. With an
\`Idempotency-Key\`, an upload or an execution can be repeated safely.

A failing program is not an API error: the response is a 200 with a job that has a final \`status\` and a \`verdict\`.

Errors are RFC 9457 problems: \`application/problem+json\` with a stable \`code\`. \`GET /problems\` lists all codes. In addition
to the problems of each operation, there are \`route-not-found\` for an unknown path, \`method-not-allowed\` with the header
\`Allow\`, and \`malformed-request\`, \`request-timeout\` and \`headers-too-large\` for requests that are not complete HTTP
requests. Unknown fields and query parameters are rejected by name.

Every response has the header \`X-Request-Id\`. A request may set it (1 to 128 characters of \`A-Z a-z 0-9 _ . -\`) to find the
request in the logs.`;

const READING_ORDER = [
  '/api/upload',
  '/api/execute/{job_id}',
  '/api/status/{job_id}',
  '/api/cancel/{job_id}',
  '/api/jobs',
  '/api/jobs/{job_id}/code',
  '/api/jobs/{job_id}/logs',
  '/api/jobs/{job_id}/events',
  '/api/languages',
  '/api/health',
  '/api/health/ready',
  '/api/health/live',
  '/problems',
  '/problems/{code}',
  '/',
];

export function createDocument(app: NestFastifyApplication, { execution }: Settings): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Service Server')
    .setDescription(DESCRIPTION)
    .setVersion(SERVICE_VERSION)
    .setOpenAPIVersion('3.1.0')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'This server')
    .addTag('jobs', 'Upload, execute, read and cancel jobs; list jobs and download their code and logs.')
    .addTag('service', 'Languages, health and problems.')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    extraModels: [CompileBody, ResourceBody, TimingsBody],
    autoTagControllers: false,
  });
  const refined = finalizeDocument(document, READING_ORDER);
  setPropertyMaximum(refined, 'ExecuteRequest', 'timeout', execution.timeoutMsMax);
  return refined;
}

export function setupSwagger(app: NestFastifyApplication, settings: Settings): void {
  SwaggerModule.setup('docs', app, () => createDocument(app, settings), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Service Server',
    swaggerOptions: { tryItOutEnabled: true, displayRequestDuration: true },
  });
}

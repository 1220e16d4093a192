/** The OpenAPI document, and Swagger UI on it. */
import { type OpenAPIObject, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CompileBody } from './engine-contract/compile.body';
import { finalizeDocument, setPropertyMaximum } from './common/openapi/finalize-document';
import { ResourceBody } from './engine-contract/resource.body';
import { SERVICE_VERSION } from './common/service-info';
import type { Settings } from './config/settings.module';
import { TimingsBody } from './jobs/dto/job.response.dto';

const DESCRIPTION = `Upload code, execute it in a sandbox, and read back what it printed.

1. \`POST /api/upload\` with \`code\` and \`language\` gives a \`job_id\`.
2. \`POST /api/execute/{job_id}\` runs it and gives \`stdout\`, \`stderr\` and what it used.
3. \`GET /api/status/{job_id}\` gives the job again at any time; \`POST /api/cancel/{job_id}\` stops it.

Nobody needs to hold a request open: with \`Prefer: respond-async\` an execution is accepted at once, and is not lost
whatever process dies; \`GET /api/jobs/{job_id}/events\` streams its output as it comes, and \`wait\` of its status holds until
it changes. An \`Idempotency-Key\` makes an upload or an execution safe to send again. \`execute: true\` uploads and executes
in one call, \`inputs\` runs one program with many inputs, and \`callback_url\` is called with the final job.

A program that fails is no error of the API: it is a 200 whose job has a final \`status\` and a \`verdict\`.

Errors are RFC 9457 problems: \`application/problem+json\` with a stable \`code\`, all of which \`GET /problems\`
lists. Besides those of each operation there are \`route-not-found\` for an unknown path, \`method-not-allowed\`
with the header \`Allow\`, and \`malformed-request\`, \`request-timeout\` and \`headers-too-large\` for what is no
complete HTTP request. Unknown fields and query parameters are refused by name.

Every answer has the header \`X-Request-Id\`; give your own (1 to 128 of \`A-Z a-z 0-9 _ . -\`) to find it again.`;

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
    .addTag('jobs', 'Upload, execute, read, cancel; and what was uploaded and printed before.')
    .addTag('service', 'Languages, health, problems.')
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

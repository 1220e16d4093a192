import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { CompileBody } from '../../engine-contract/compile.body';
import { InputResultBody } from '../../engine-contract/input-result.body';
import { finalizeDocument, setPropertyMaximum } from '../../common/openapi/finalize-document';
import { ReportBody } from '../../engine-contract/report.body';
import { ResourceBody } from '../../engine-contract/resource.body';
import { SERVICE_VERSION } from '../../common/service-info';
import type { EngineSettings } from '../../config/settings';

const READING_ORDER = ['/execute', '/cancel/{job_id}', '/status/{job_id}', '/languages', '/health'];

/** Serves the OpenAPI document at /openapi.json and Swagger UI at /docs. */
export function setupEngineSwagger(app: NestFastifyApplication, settings: EngineSettings): void {
  SwaggerModule.setup('docs', app, () => createDocument(app, settings), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Service Server: engine',
    swaggerOptions: { tryItOutEnabled: true },
  });
}

function createDocument(app: NestFastifyApplication, { timeoutMsMax }: EngineSettings): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Service Server: engine')
    .setDescription(
      'Executes code in sandboxes. The API is for gateways and must not be public: it has no authentication. The engine does not store results.',
    )
    .setVersion(SERVICE_VERSION)
    .setOpenAPIVersion('3.1.0')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'This server')
    .addTag('engine', 'Execute code, cancel executions, and query status, languages and health.')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    extraModels: [CompileBody, InputResultBody, ReportBody, ResourceBody],
    autoTagControllers: false,
  });
  const refined = finalizeDocument(document, READING_ORDER);
  setPropertyMaximum(refined, 'EngineExecuteRequest', 'timeout', timeoutMsMax);
  return refined;
}

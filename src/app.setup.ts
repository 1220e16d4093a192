import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module';
import { setupSwagger } from './app.openapi';
import { createHttpAdapter } from './common/http/fastify-adapter';
import { createCorsOptions } from './common/http/cors';
import { NestLogger } from './common/logging/nest-logger';
import { ProblemFilter } from './common/problems/problem.filter';
import { RequestValidationPipe } from './common/validation/validation.pipe';
import { type Overrides, loadSettings } from './config/settings.module';

/**
 * Creates the gateway, which does not listen yet.
 * @throws EnvironmentError that lists every error of the configuration
 */
export async function createGateway(overrides: Overrides = {}): Promise<NestFastifyApplication> {
  const settings = await loadSettings('gateway', overrides);
  const { adapter, allowedMethods } = createHttpAdapter({
    textBytesMax: Math.max(settings.upload.codeBytesMax, settings.execution.inputBytesMax),
    trustedProxies: settings.server.trustedProxies,
    loopbackOnly: settings.engine.mayRunUnisolated,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(settings), adapter, {
    // No output before the configured logger is available. Errors are thrown to the caller.
    logger: false,
    abortOnError: false,
    bodyParser: false,
  });
  app.useLogger(new NestLogger(app.get(Logger)));
  await app.register(helmet, HEADERS);
  if (settings.server.corsOrigins.length > 0) app.enableCors(createCorsOptions(settings.server));
  app.useGlobalPipes(new RequestValidationPipe());
  app.useGlobalFilters(new ProblemFilter(allowedMethods));
  setupSwagger(app, settings);
  return app;
}

/**
 * Helmet's defaults with two exceptions. Swagger UI and the start page have inline styles. HSTS and the upgrade to HTTPS are
 * left to the proxy that terminates TLS, because this server speaks plain HTTP.
 */
const HEADERS: FastifyHelmetOptions = {
  strictTransportSecurity: false,
  contentSecurityPolicy: {
    directives: {
      'style-src': ["'self'", "'unsafe-inline'"],
      'font-src': ["'self'"],
      'upgrade-insecure-requests': null,
    },
  },
};

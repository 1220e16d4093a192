import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger as PinoLogger } from 'nestjs-pino';
import { startOrExit } from '../../common/start-or-exit';
import { createHttpAdapter } from '../../common/http/fastify-adapter';
import { NestLogger } from '../../common/logging/nest-logger';
import { logEngineReport } from '../../common/logging/startup-report';
import { ProblemFilter } from '../../common/problems/problem.filter';
import { RequestValidationPipe } from '../../common/validation/validation.pipe';
import { EngineSettings } from '../../config/settings';
import { type Overrides, loadSettings } from '../../config/settings.module';
import { EngineService } from '../engine.service';
import { setupEngineSwagger } from './engine.openapi';
import { EngineServerModule } from './engine-server.module';

/**
 * Creates the server of the engine; the caller makes it listen.
 * @throws EnvironmentError that lists every error of the configuration
 */
export async function createEngine(overrides: Overrides = {}): Promise<NestFastifyApplication> {
  const settings = await loadSettings('engine', overrides);
  const { adapter, allowedMethods } = createHttpAdapter({
    textBytesMax: settings.engine.codeBytesMax + settings.engine.inputBytesMax,
    loopbackOnly: settings.engine.mayRunUnisolated,
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    EngineServerModule.register(settings),
    adapter,
    {
      // No log lines before the configured logger exists. Start-up errors reach the caller.
      logger: false,
      abortOnError: false,
      bodyParser: false,
    },
  );
  app.useLogger(new NestLogger(app.get(PinoLogger)));
  app.useGlobalPipes(new RequestValidationPipe());
  app.useGlobalFilters(new ProblemFilter(allowedMethods));
  setupEngineSwagger(app, settings.engine);
  return app;
}

export async function startEngine(): Promise<void> {
  await startOrExit(async () => {
    const app = await createEngine();
    app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
    const { host, port } = app.get(EngineSettings);
    await app.listen(port, host);
    await logReport(app);
  });
}

async function logReport(app: NestFastifyApplication): Promise<void> {
  const logger = new Logger('Startup');
  const url = await app.getUrl();
  const engine = app.get(EngineService);
  const { isolation, accounting } = engine.state();
  // Scripts wait for this line and read the URL at its end.
  logger.log(`The engine listens on ${url}`);
  logger.log(`documentation: ${url}/docs`);
  logEngineReport(logger, {
    name: 'this process',
    isolation,
    accounting,
    slots: app.get(EngineSettings).slots,
    languages: engine.languages(),
  });
}

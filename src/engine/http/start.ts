/** The engine's server: made for tests, and started for everyone else. */
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';
import { startOrExit } from '../../common/start-or-exit';
import { createHttpAdapter } from '../../common/http/fastify-adapter';
import { ProblemFilter } from '../../common/problems/problem.filter';
import { RequestValidationPipe } from '../../common/validation/validation.pipe';
import { EngineSettings } from '../../config/settings';
import { type Overrides, loadSettings } from '../../config/settings.module';
import { setupEngineSwagger } from './engine.openapi';
import { EngineServerModule } from './engine-server.module';

/** @throws EnvironmentError that lists every fault of the configuration */
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
      // Quiet until the configured logger is there; faults reach the caller.
      logger: false,
      abortOnError: false,
      bodyParser: false,
    },
  );
  app.useLogger(app.get(Logger));
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
    app.get(Logger).log(`The engine listens on ${await app.getUrl()}`);
  });
}

/** Starts the gateway. */
import { Logger } from 'nestjs-pino';
import { createGateway } from './app.setup';
import { startOrExit } from './common/start-or-exit';
import { ServerSettings } from './config/settings';

void startOrExit(async () => {
  const app = await createGateway();
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  const { host, port } = app.get(ServerSettings);
  await app.listen(port, host);
  app.get(Logger).log(`Service Server listens on ${await app.getUrl()}`);
});

import { createGateway } from './app.setup';
import { logGatewayReport } from './app.startup-report';
import { startOrExit } from './common/start-or-exit';
import { ServerSettings } from './config/settings';

void startOrExit(async () => {
  const app = await createGateway();
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  const { host, port } = app.get(ServerSettings);
  await app.listen(port, host);
  await logGatewayReport(app);
});

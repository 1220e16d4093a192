import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { logEngineReport } from './common/logging/startup-report';
import {
  AwsSettings,
  EngineSettings,
  ExecutionSettings,
  QueueSettings,
  StorageSettings,
  WebhookSettings,
} from './config/settings';
import { EngineClient } from './execution/engine-clients/engine.client';
import { probe } from './health/probe';

/** Logs where the gateway listens, what it uses and what is missing. Call it once the gateway listens. */
export async function logGatewayReport(app: NestFastifyApplication): Promise<void> {
  const logger = new Logger('Startup');
  const url = await app.getUrl();
  // Scripts wait for this line and read the URL at its end.
  logger.log(`Service Server listens on ${url}`);
  logger.log(`documentation: ${url}/docs`);
  logger.log(`storage: ${describeStorage(app.get(StorageSettings), app.get(AwsSettings))}`);
  if (!app.get(QueueSettings).isWorker) logger.log('queue: only enqueues, because ROLE is api');
  if (app.get(WebhookSettings).key === undefined) {
    logger.log('webhooks: disabled, because CALLBACK_SECRET is not set');
  }
  await logEngine(app, logger);
}

function describeStorage({ backend, dataDir }: StorageSettings, aws: AwsSettings): string {
  switch (backend) {
    case 'embedded':
      return `embedded in ${dataDir}`;
    case 'aws':
      return `AWS ${aws.region} (bucket ${aws.bucket}, table ${aws.table}, queue ${aws.queue})`;
  }
}

async function logEngine(app: NestFastifyApplication, logger: Logger): Promise<void> {
  const { engineUrl } = app.get(ExecutionSettings);
  const client = app.get(EngineClient, { strict: false });
  const name = engineUrl ?? 'embedded';
  const { failed, value } = await probe(() => Promise.all([client.ping(), client.languages()]));
  if (failed) {
    logger.warn(`engine: ${name} cannot be reached`);
    return;
  }
  const [{ isolation, accounting, warning }, languages] = value;
  // The embedded engine logs its own warning.
  if (engineUrl !== undefined && warning !== null) logger.warn(warning);
  const slots = engineUrl === undefined ? app.get(EngineSettings).slots : undefined;
  logEngineReport(logger, { name, isolation, accounting, slots, languages });
}

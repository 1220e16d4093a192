import { setImmediate as immediate } from 'node:timers/promises';
import { Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { readEnvironment } from '../../config/environment';
import { AwsSettings } from '../../config/settings';
import { ExecutionQueue } from '../../jobs/execution.queue';
import { IdempotencyRepository } from '../../jobs/idempotency.repository';
import { JobRepository } from '../../jobs/job.repository';
import { LogRepository } from '../../jobs/log.repository';
import { ObjectStore } from '../../jobs/object.store';
import { WebhookRepository } from '../../jobs/webhook.repository';
import { AwsClients } from './aws-clients';
import { AwsStartCheck } from './aws-start-check';
import { AwsStorageModule } from './aws-storage.module';
import type { SqsExecutionQueue } from './sqs-execution.queue';

const settings = new AwsSettings(
  readEnvironment({
    STORAGE_BACKEND: 'aws',
    AWS_REGION: 'eu-central-1',
    AWS_S3_BUCKET: 'jobs',
  }),
);

@Global()
@Module({ providers: [{ provide: AwsSettings, useValue: settings }], exports: [AwsSettings] })
class TestSettingsModule {}

@Module({ imports: [TestSettingsModule, AwsStorageModule] })
class TestModule {}

describe('The AWS adapters', () => {
  let app: INestApplicationContext;
  let clients: AwsClients;

  beforeEach(async () => {
    jest.spyOn(AwsStartCheck.prototype, 'onApplicationBootstrap').mockResolvedValue();
    app = await NestFactory.createApplicationContext(TestModule, { logger: false });
    clients = app.get(AwsClients, { strict: false });
  });
  afterEach(async () => {
    await app.close();
    jest.restoreAllMocks();
  });

  // Adaptive retries are per client: a call that is throttled slows down all adapters that share the client.
  it.each([
    ['jobs', 'dynamo', () => app.get(JobRepository).find('x')],
    ['idempotency keys', 'dynamo', () => app.get(IdempotencyRepository).release({ id: 'x' } as never)],
    ['webhooks', 'dynamo', () => app.get(WebhookRepository).remove('x')],
    ['objects', 's3', () => app.get(ObjectStore).get('x')],
    ['logs', 's3', () => app.get(LogRepository).put('x', 1, [])],
    ['the queue', 'sqs', () => app.get(ExecutionQueue).ping()],
  ] as const)(
    'send the calls of %s through the one %s client of the process',
    async (_what, service, call) => {
      const send = jest.spyOn(clients[service], 'send').mockRejectedValue(new Error('not sent') as never);
      await expect(call()).rejects.toMatchObject({ code: 'storage-unavailable' });
      expect(send).toHaveBeenCalledTimes(1);
    },
  );

  it('keep their clients until the queue has made its last call, and destroy each once', async () => {
    const events: string[] = [];
    for (const service of ['s3', 'dynamo', 'sqs'] as const)
      jest.spyOn(clients[service], 'destroy').mockImplementation(() => events.push(`destroy ${service}`));
    const queue = app.get<ExecutionQueue, SqsExecutionQueue>(ExecutionQueue);
    jest.spyOn(queue, 'onApplicationShutdown').mockImplementation(async () => {
      await immediate();
      events.push('last call of the queue');
    });
    await app.close();
    expect(events).toEqual(['last call of the queue', 'destroy s3', 'destroy dynamo', 'destroy sqs']);
  });
});

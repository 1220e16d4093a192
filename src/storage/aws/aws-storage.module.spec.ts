import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import { Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { readEnvironment } from '../../config/environment';
import { AwsSettings } from '../../config/settings';
import { IdempotencyRepository } from '../../jobs/idempotency.repository';
import { JobRepository } from '../../jobs/job.repository';
import { ExecutionQueue } from '../../jobs/execution.queue';
import { WebhookRepository } from '../../jobs/webhook.repository';
import { AwsClients } from './aws-clients';
import { AwsStorageModule } from './aws-storage.module';
import { SqsExecutionQueue } from './sqs-execution.queue';

const CALLS_PER_TURN = 25;
/** Far more than the rate limiter lets wait; a client that has seen no throttling sends all of them. */
const CALLS_MAX = 5000;

function settingsModule(endpoint: string) {
  const settings = new AwsSettings(
    readEnvironment({
      ENVIRONMENT: 'test',
      STORAGE_BACKEND: 'aws',
      AWS_REGION: 'eu-central-1',
      AWS_S3_BUCKET: 'jobs',
      AWS_DYNAMODB_TABLE: 'jobs',
      AWS_SQS_QUEUE: 'jobs',
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_MAX_ATTEMPTS: '1',
    }),
  );
  @Global()
  @Module({ providers: [{ provide: AwsSettings, useValue: settings }], exports: [AwsSettings] })
  class SettingsModule {}
  return SettingsModule;
}

describe('The AWS adapters', () => {
  let server: Server;
  let respond: (request: IncomingMessage, response: ServerResponse) => void;
  let app: INestApplicationContext;

  beforeEach(async () => {
    jest.replaceProperty(process, 'env', { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
    server = createServer((request, response) => {
      respond(request, response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    respond = (_request, response) => {
      response.end('{}');
    };
    @Module({ imports: [settingsModule(`http://127.0.0.1:${port.toString()}`), AwsStorageModule] })
    class TestModule {}
    app = await NestFactory.createApplicationContext(TestModule, { logger: false });
  });
  afterEach(async () => {
    await app.close();
    jest.restoreAllMocks();
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['idempotency keys', () => app.get(IdempotencyRepository).release({ id: 'x', plan: {} } as never)],
    ['webhooks', () => app.get(WebhookRepository).remove('x')],
  ])('slow down jobs too after DynamoDB has throttled %s', async (_what, call) => {
    respond = (_request, response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException' }));
    };
    const throttled = { explanation: 'DynamoDB refuses for too many requests.' };
    await expect(call()).rejects.toMatchObject(throttled);

    let received = 0;
    respond = (_request, response) => {
      received += 1;
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
    };
    const rejected: unknown[] = [];
    const calls: Promise<unknown>[] = [];
    while (rejected.length === 0 && calls.length < CALLS_MAX) {
      for (let n = 0; n < CALLS_PER_TURN; n += 1)
        calls.push(
          app
            .get(JobRepository)
            .find('x')
            .catch((error: unknown) => rejected.push(error)),
        );
      await immediate();
    }
    await Promise.all(calls);
    expect(rejected.length).toBeGreaterThan(0);
    for (const error of rejected) expect(error).toMatchObject(throttled);
    expect(received).toBe(calls.length - rejected.length);
  });

  it('keep their clients until the queue has made its last call, and destroy each once', async () => {
    const clients = app.get(AwsClients, { strict: false });
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

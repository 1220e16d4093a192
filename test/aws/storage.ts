import { randomUUID } from 'node:crypto';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { DeleteBucketCommand, DeleteObjectCommand } from '@aws-sdk/client-s3';
import { readEnvironment } from '../../src/config/environment';
import { AwsSettings } from '../../src/config/settings';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { AwsBootstrap } from '../../src/storage/aws/provisioning/aws-bootstrap';
import { AwsCalls } from '../../src/storage/aws/aws-calls';
import { AwsClients } from '../../src/storage/aws/aws-clients';
import { tableDefinition } from '../../src/storage/aws/table';
import type { Overrides } from '../support/applications';
import { awsSettings, keysUnder, withS3 } from '../support/aws';

/** Access to a bucket, a table and a queue that have the same name. */
export interface Storage {
  readonly settings: AwsSettings;
  readonly clients: AwsClients;
  readonly calls: AwsCalls;
}

const openClients: AwsClients[] = [];
afterAll(() => {
  for (const clients of openClients.splice(0)) clients.onApplicationShutdown();
});

/**
 * Creates a bucket, a table and a queue under a new name, as AWS_BOOTSTRAP does.
 * @param overrides settings that differ from those of the servers
 */
export async function createStorage(overrides: Overrides = {}): Promise<Storage> {
  const name = `test-${randomUUID()}`;
  await provisionStorage(storageSettings(name));
  return openStorage(name, overrides);
}

/** Creates bucket, table and queue where they are missing. */
export async function provisionStorage(settings: AwsSettings): Promise<void> {
  const clients = newClients(settings);
  const bootstrap = new AwsBootstrap(settings, clients);
  await Promise.all([bootstrap.run('S3'), bootstrap.run('DynamoDB'), bootstrap.run('SQS')]);
}

/** Opens a storage that may not exist; the adapters do not create it. */
export function openStorage(name: string, overrides: Overrides = {}): Storage {
  const settings = storageSettings(name, { AWS_BOOTSTRAP: 'false', ...overrides });
  const clients = newClients(settings);
  return { settings, clients, calls: new AwsCalls(new AwsBootstrap(settings, clients)) };
}

/** The clients are destroyed after the tests of the file. */
export function newClients(settings: AwsSettings): AwsClients {
  const clients = new AwsClients(settings);
  openClients.push(clients);
  return clients;
}

export const storageSettings = (name: string, overrides: Overrides = {}): AwsSettings =>
  new AwsSettings(
    readEnvironment({ ENVIRONMENT: 'test', ...awsSettings(name), ...LONG_RETENTION, ...overrides }),
  );

/** The jobs of the fixtures have a fixed date, and the server deletes expired items during a test. */
const LONG_RETENTION: Overrides = { JOB_RETENTION_DAYS: '36500' };

export async function deleteBucket({ settings: { bucket: Bucket } }: Storage): Promise<void> {
  const keys = await keysUnder(Bucket, '');
  await withS3(async (s3) => {
    for (const Key of keys) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });
}

/** Creates a table as an earlier version did that had only these indexes. */
export async function createOlderTable(
  dynamo: DynamoDBDocumentClient,
  table: string,
  indexes: readonly string[],
): Promise<void> {
  const { GlobalSecondaryIndexes = [], AttributeDefinitions = [], ...rest } = tableDefinition(table);
  const kept = GlobalSecondaryIndexes.filter(({ IndexName = '' }) => indexes.includes(IndexName));
  const keys = [rest, ...kept].flatMap(({ KeySchema = [] }) => KeySchema.map((key) => key.AttributeName));
  const definition = {
    ...rest,
    AttributeDefinitions: AttributeDefinitions.filter(({ AttributeName }) => keys.includes(AttributeName)),
    ...(kept.length > 0 && { GlobalSecondaryIndexes: kept }),
  };
  await dynamo.send(new CreateTableCommand(definition));
}

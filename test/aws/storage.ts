/** A bucket and a table of their own for one adapter under test, made as AWS_BOOTSTRAP makes them. */
import { randomUUID } from 'node:crypto';
import { DeleteBucketCommand, DeleteObjectCommand } from '@aws-sdk/client-s3';
import { readEnvironment } from '../../src/config/environment';
import { AwsSettings } from '../../src/config/settings';
import { AwsBootstrap } from '../../src/storage/aws/aws-bootstrap';
import { AwsCalls } from '../../src/storage/aws/aws-calls';
import type { Overrides } from '../support/applications';
import { awsSettings, keysUnder, withS3 } from '../support/aws';

export interface Storage {
  readonly settings: AwsSettings;
  readonly calls: AwsCalls;
}

/** @param overrides settings other than those of the servers */
export async function newStorage(overrides: Overrides = {}): Promise<Storage> {
  const name = `test-${randomUUID()}`;
  await makeStorage(settingsOf(name));
  return storageOf(name, overrides);
}

/** Bucket and table. */
export async function makeStorage(settings: AwsSettings): Promise<void> {
  const bootstrap = new AwsBootstrap(settings);
  await Promise.all([bootstrap.run('S3'), bootstrap.run('DynamoDB')]);
}

/** Under a name that nobody has; the adapters do not make it. */
export function storageOf(name: string, overrides: Overrides = {}): Storage {
  const settings = settingsOf(name, { AWS_BOOTSTRAP: 'false', ...overrides });
  return { settings, calls: new AwsCalls(new AwsBootstrap(settings)) };
}

export const settingsOf = (name: string, overrides: Overrides = {}): AwsSettings =>
  new AwsSettings(readEnvironment({ ENVIRONMENT: 'test', ...awsSettings(name), ...KEPT, ...overrides }));

/** The jobs of the fixtures are of a fixed day, and DynamoDB Local deletes in the middle of a test what has expired. */
const KEPT: Overrides = { JOB_RETENTION_DAYS: '36500' };

export async function deleteBucket({ settings: { bucket: Bucket } }: Storage): Promise<void> {
  const keys = await keysUnder(Bucket, '');
  await withS3(async (s3) => {
    for (const Key of keys) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });
}

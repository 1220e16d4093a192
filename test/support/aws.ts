import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Overrides } from './applications';

export const REGION = 'ap-northeast-2';

/**
 * Settings for the servers that jest.aws.config.js starts.
 * @param name name of bucket, table and queue
 */
export function awsSettings(name: string, { ENVIRONMENT = 'test' }: Overrides = {}): Overrides {
  return {
    STORAGE_BACKEND: 'aws',
    AWS_REGION: REGION,
    AWS_S3_BUCKET: name,
    AWS_DYNAMODB_TABLE: name,
    AWS_SQS_QUEUE: name,
    AWS_ENDPOINT_URL_S3: process.env['AWS_TEST_S3_URL'] ?? '',
    AWS_ENDPOINT_URL_DYNAMODB: process.env['AWS_TEST_DYNAMODB_URL'] ?? '',
    AWS_ENDPOINT_URL_SQS: process.env['AWS_TEST_SQS_URL'] ?? '',
    // Other environments reject it.
    AWS_BOOTSTRAP: ['development', 'test'].includes(ENVIRONMENT).toString(),
  };
}

/** Calls S3 directly, bypassing the service. */
export async function withS3<T>(use: (s3: S3Client) => Promise<T>): Promise<T> {
  const endpoint = process.env['AWS_TEST_S3_URL'] ?? '';
  const s3 = new S3Client({ region: REGION, endpoint, forcePathStyle: true });
  try {
    return await use(s3);
  } finally {
    s3.destroy();
  }
}

/** @returns the keys of the bucket's objects under a prefix, without this prefix */
export async function keysUnder(bucket: string, prefix: string): Promise<string[]> {
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix });
  const { Contents = [], IsTruncated } = await withS3((s3) => s3.send(command));
  if (IsTruncated)
    throw new Error(`There are more than ${Contents.length.toString()} objects under ${prefix}`);
  return Contents.map(({ Key = '' }) => Key.slice(prefix.length));
}

/** The servers that jest.aws.config.js starts, as settings and as seen from behind the service. */
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Overrides } from './applications';

export const REGION = 'ap-northeast-2';

/** The settings of a storage of its own. @param name of bucket, table and queue */
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
    // Elsewhere it is refused.
    AWS_BOOTSTRAP: ['development', 'test'].includes(ENVIRONMENT).toString(),
  };
}

/** Asks S3 itself. */
export async function withS3<T>(use: (s3: S3Client) => Promise<T>): Promise<T> {
  const endpoint = process.env['AWS_TEST_S3_URL'] ?? '';
  const s3 = new S3Client({ region: REGION, endpoint, forcePathStyle: true });
  try {
    return await use(s3);
  } finally {
    s3.destroy();
  }
}

/** The names of the objects of a bucket under a prefix, without it. */
export async function keysUnder(bucket: string, prefix: string): Promise<string[]> {
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix });
  const { Contents = [], IsTruncated } = await withS3((s3) => s3.send(command));
  if (IsTruncated) throw new Error(`There are more than ${Contents.length.toString()} under ${prefix}`);
  return Contents.map(({ Key = '' }) => Key.slice(prefix.length));
}

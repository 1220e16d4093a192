import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  HeadBucketCommand,
  type S3Client,
  waitUntilBucketExists,
} from '@aws-sdk/client-s3';
import type { AwsSettings } from '../../../config/settings';
import { WAITER_SECONDS, exists, ignoringErrors } from './expected-errors';

/** Creates the bucket if it does not exist. */
export async function createBucket(s3: S3Client, { bucket, region }: AwsSettings): Promise<void> {
  if (await exists(s3.send(new HeadBucketCommand({ Bucket: bucket })), 'NotFound')) return;
  // us-east-1 is the one region that must not be named (Amazon S3 API Reference, CreateBucket).
  const LocationConstraint = region as BucketLocationConstraint;
  const location = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
  const created = s3.send(new CreateBucketCommand({ Bucket: bucket, ...location }));
  await ignoringErrors(created, 'BucketAlreadyOwnedByYou', 'OperationAborted');
  await waitUntilBucketExists({ client: s3, ...WAITER_SECONDS }, { Bucket: bucket });
}

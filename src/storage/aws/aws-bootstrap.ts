/** Makes the bucket and the table where they are missing: for development with an emulator, never for production. */
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  HeadBucketCommand,
  type S3Client,
  waitUntilBucketExists,
} from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Injectable } from '@nestjs/common';
import { AwsSettings } from '../../config/settings';
import { createDynamoClient, createS3Client } from './aws-clients';
import type { AwsService } from './aws-fault';
import { TTL_ATTRIBUTE, tableDefinition } from './table';

/** s until what was made must be there; the SDK asks with growing pauses. */
const WAIT = { maxWaitTime: 60, minDelay: 1, maxDelay: 5 };

@Injectable()
export class AwsBootstrap {
  readonly isEnabled: boolean;
  private readonly running = new Map<AwsService, Promise<void>>();

  constructor(private readonly settings: AwsSettings) {
    this.isEnabled = settings.bootstrap;
  }

  /** Callers at the same time share one run; another process may run at the same time too. */
  run(service: AwsService): Promise<void> {
    const running =
      this.running.get(service) ??
      this.make(service).finally(() => {
        this.running.delete(service);
      });
    this.running.set(service, running);
    return running;
  }

  private async make(service: AwsService): Promise<void> {
    switch (service) {
      case 'S3':
        return using(createS3Client(this.settings), (client) => this.makeBucket(client));
      case 'DynamoDB':
        return using(createDynamoClient(this.settings), (client) => this.makeTable(client));
    }
  }

  private async makeBucket(s3: S3Client): Promise<void> {
    const { bucket, region } = this.settings;
    if (await succeeds(s3.send(new HeadBucketCommand({ Bucket: bucket })), 'NotFound')) return;
    // us-east-1 is the one region that must not be named (Amazon S3 API Reference, CreateBucket).
    const LocationConstraint = region as BucketLocationConstraint;
    const where = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
    const created = s3.send(new CreateBucketCommand({ Bucket: bucket, ...where }));
    await succeeds(created, 'BucketAlreadyOwnedByYou', 'OperationAborted');
    await waitUntilBucketExists({ client: s3, ...WAIT }, { Bucket: bucket });
  }

  private async makeTable(dynamo: DynamoDBDocumentClient): Promise<void> {
    const { table } = this.settings;
    const described = dynamo.send(new DescribeTableCommand({ TableName: table }));
    if (!(await succeeds(described, 'ResourceNotFoundException'))) {
      const created = dynamo.send(new CreateTableCommand(tableDefinition(table)));
      await succeeds(created, 'ResourceInUseException');
    }
    // Another process may be making it.
    await waitUntilTableExists({ client: dynamo, ...WAIT }, { TableName: table });
    // Also where a process made the table and died before this.
    const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName: table }));
    if (TimeToLiveDescription?.TimeToLiveStatus !== 'DISABLED') return;
    const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
    const enabled = dynamo.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
    await succeeds(enabled, 'ValidationException');
  }
}

async function using<T extends { destroy: () => void }>(
  client: T,
  work: (client: T) => Promise<void>,
): Promise<void> {
  try {
    await work(client);
  } finally {
    client.destroy();
  }
}

/** False when the call fails with one of these errors: it is not there, or somebody else is making it. */
async function succeeds(call: Promise<unknown>, ...errors: string[]): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (errors.includes((error as Error).name)) return false;
    throw error;
  }
}

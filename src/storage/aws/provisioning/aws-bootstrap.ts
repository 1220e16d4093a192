/** Makes bucket, table and queue where they are missing: for development with an emulator, never for production. */
import { Injectable } from '@nestjs/common';
import { AwsSettings } from '../../../config/settings';
import { createDynamoClient, createS3Client, createSqsClient } from '../aws-clients';
import type { AwsService } from '../aws-errors';
import { makeBucket } from './make-bucket';
import { makeQueue } from './make-queue';
import { makeTable } from './make-table';

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
    const { settings } = this;
    switch (service) {
      case 'S3':
        return using(createS3Client(settings), (client) => makeBucket(client, settings));
      case 'DynamoDB':
        return using(createDynamoClient(settings), (client) => makeTable(client, settings.table));
      case 'SQS':
        return using(createSqsClient(settings), (client) => makeQueue(client, settings.queue));
    }
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

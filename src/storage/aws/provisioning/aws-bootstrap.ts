import { Injectable } from '@nestjs/common';
import { AwsSettings } from '../../../config/settings';
import { AwsClients } from '../aws-clients';
import type { AwsService } from '../aws-errors';
import { createBucket } from './create-bucket';
import { createQueues } from './create-queues';
import { createTable } from './create-table';

/** Creates a missing bucket, table or queue when AWS_BOOTSTRAP is set: for development with an emulator, not for production. */
@Injectable()
export class AwsBootstrap {
  readonly isEnabled: boolean;
  private readonly running = new Map<AwsService, Promise<void>>();

  constructor(
    private readonly settings: AwsSettings,
    private readonly clients: AwsClients,
  ) {
    this.isEnabled = settings.bootstrap;
  }

  /** Concurrent callers share one run. Other processes may run it at the same time. */
  run(service: AwsService): Promise<void> {
    const running =
      this.running.get(service) ??
      this.provision(service).finally(() => {
        this.running.delete(service);
      });
    this.running.set(service, running);
    return running;
  }

  private provision(service: AwsService): Promise<void> {
    const { settings, clients } = this;
    switch (service) {
      case 'S3':
        return createBucket(clients.s3, settings);
      case 'DynamoDB':
        return createTable(clients.dynamo, settings.table);
      case 'SQS':
        return createQueues(clients.sqs, settings.queue);
    }
  }
}

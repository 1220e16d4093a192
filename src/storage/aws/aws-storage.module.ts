import { Module } from '@nestjs/common';
import { ExecutionQueue } from '../../jobs/execution.queue';
import { IdempotencyRepository } from '../../jobs/idempotency.repository';
import { JobRepository } from '../../jobs/job.repository';
import { LogRepository } from '../../jobs/log.repository';
import { ObjectStore } from '../../jobs/object.store';
import { WebhookRepository } from '../../jobs/webhook.repository';
import { AwsCalls } from './aws-calls';
import { AwsClientsModule } from './aws-clients.module';
import { AwsStartCheck } from './aws-start-check';
import { DynamoIdempotencyRepository } from './dynamo-idempotency.repository';
import { DynamoJobRepository } from './dynamo-job.repository';
import { DynamoWebhookRepository } from './dynamo-webhook.repository';
import { AwsBootstrap } from './provisioning/aws-bootstrap';
import { S3LogRepository } from './s3-log.repository';
import { S3ObjectStore } from './s3-object.store';
import { SqsExecutionQueue } from './sqs-execution.queue';

/** The storage ports on S3, DynamoDB and SQS. */
@Module({
  imports: [AwsClientsModule],
  providers: [
    AwsBootstrap,
    AwsCalls,
    AwsStartCheck,
    { provide: JobRepository, useClass: DynamoJobRepository },
    { provide: ObjectStore, useClass: S3ObjectStore },
    { provide: LogRepository, useClass: S3LogRepository },
    { provide: ExecutionQueue, useClass: SqsExecutionQueue },
    { provide: IdempotencyRepository, useClass: DynamoIdempotencyRepository },
    { provide: WebhookRepository, useClass: DynamoWebhookRepository },
  ],
  exports: [
    JobRepository,
    ObjectStore,
    LogRepository,
    ExecutionQueue,
    IdempotencyRepository,
    WebhookRepository,
  ],
})
export class AwsStorageModule {}

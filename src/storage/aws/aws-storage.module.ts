/** The storage ports on S3, DynamoDB and SQS. */
import { Module } from '@nestjs/common';
import { WebhookRepository } from '../../jobs/webhook.repository';
import { ObjectStore } from '../../jobs/object.store';
import { IdempotencyRepository } from '../../jobs/idempotency.repository';
import { ExecutionQueue } from '../../jobs/execution.queue';
import { JobRepository } from '../../jobs/job.repository';
import { LogRepository } from '../../jobs/log.repository';
import { AwsBootstrap } from './provisioning/aws-bootstrap';
import { AwsCalls } from './aws-calls';
import { AwsStartCheck } from './aws-start-check';
import { DynamoWebhookRepository } from './dynamo-webhook.repository';
import { DynamoIdempotencyRepository } from './dynamo-idempotency.repository';
import { DynamoJobRepository } from './dynamo-job.repository';
import { S3ObjectStore } from './s3-object.store';
import { S3LogRepository } from './s3-log.repository';
import { SqsExecutionQueue } from './sqs-execution.queue';

@Module({
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
    ...[JobRepository, ObjectStore, LogRepository],
    ...[ExecutionQueue, IdempotencyRepository, WebhookRepository],
  ],
})
export class AwsStorageModule {}

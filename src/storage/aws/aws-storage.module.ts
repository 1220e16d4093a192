/** The storage ports on S3, DynamoDB and SQS. */
import { Module } from '@nestjs/common';
import { CallbackRepository } from '../../jobs/callback.repository';
import { CodeRepository } from '../../jobs/code.repository';
import { IdempotencyRepository } from '../../jobs/idempotency.repository';
import { ExecutionQueue } from '../../jobs/execution.queue';
import { JobRepository } from '../../jobs/job.repository';
import { LogRepository } from '../../jobs/log.repository';
import { AwsBootstrap } from './aws-bootstrap';
import { AwsCalls } from './aws-calls';
import { AwsStartCheck } from './aws-start-check';
import { DynamoCallbackRepository } from './dynamo-callback.repository';
import { DynamoIdempotencyRepository } from './dynamo-idempotency.repository';
import { DynamoJobRepository } from './dynamo-job.repository';
import { S3CodeRepository } from './s3-code.repository';
import { S3LogRepository } from './s3-log.repository';
import { SqsExecutionQueue } from './sqs-execution.queue';

@Module({
  providers: [
    AwsBootstrap,
    AwsCalls,
    AwsStartCheck,
    { provide: JobRepository, useClass: DynamoJobRepository },
    { provide: CodeRepository, useClass: S3CodeRepository },
    { provide: LogRepository, useClass: S3LogRepository },
    { provide: ExecutionQueue, useClass: SqsExecutionQueue },
    { provide: IdempotencyRepository, useClass: DynamoIdempotencyRepository },
    { provide: CallbackRepository, useClass: DynamoCallbackRepository },
  ],
  exports: [
    ...[JobRepository, CodeRepository, LogRepository],
    ...[ExecutionQueue, IdempotencyRepository, CallbackRepository],
  ],
})
export class AwsStorageModule {}

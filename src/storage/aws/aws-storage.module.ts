/** The storage ports on S3 and DynamoDB. */
import { Module } from '@nestjs/common';
import { CodeRepository } from '../../jobs/code.repository';
import { JobRepository } from '../../jobs/job.repository';
import { LogRepository } from '../../jobs/log.repository';
import { AwsBootstrap } from './aws-bootstrap';
import { AwsCalls } from './aws-calls';
import { AwsStartCheck } from './aws-start-check';
import { DynamoJobRepository } from './dynamo-job.repository';
import { S3CodeRepository } from './s3-code.repository';
import { S3LogRepository } from './s3-log.repository';

@Module({
  providers: [
    AwsBootstrap,
    AwsCalls,
    AwsStartCheck,
    { provide: JobRepository, useClass: DynamoJobRepository },
    { provide: CodeRepository, useClass: S3CodeRepository },
    { provide: LogRepository, useClass: S3LogRepository },
  ],
  exports: [JobRepository, CodeRepository, LogRepository],
})
export class AwsStorageModule {}

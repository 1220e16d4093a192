import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import { AwsSettings } from '../../config/settings';
import { ObjectStore } from '../../jobs/object.store';
import { ExecutionQueue } from '../../jobs/execution.queue';
import { JobRepository } from '../../jobs/job.repository';
import { AwsBootstrap } from './provisioning/aws-bootstrap';
import { type AwsErrorClass, type AwsService, explain, classifyAwsError } from './aws-errors';

/** Logs at start-up which AWS services do not work, one line each. The service starts anyway and recovers by itself. */
@Injectable()
export class AwsStartCheck implements OnApplicationBootstrap {
  private readonly logger = new Logger(AwsStartCheck.name);

  constructor(
    private readonly settings: AwsSettings,
    private readonly bootstrap: AwsBootstrap,
    private readonly jobs: JobRepository,
    private readonly objects: ObjectStore,
    private readonly queue: ExecutionQueue,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { bucket, table, queue, region, s3EndpointUrl, dynamodbEndpointUrl, sqsEndpointUrl } =
      this.settings;
    const s3 = `bucket ${bucket} (AWS_S3_BUCKET) at ${s3EndpointUrl ?? region}`;
    const dynamo = `table ${table} (AWS_DYNAMODB_TABLE) at ${dynamodbEndpointUrl ?? region}`;
    const sqs = `queue ${queue} (AWS_SQS_QUEUE) at ${sqsEndpointUrl ?? region}`;
    await Promise.all([
      this.check('S3', s3, () => this.objects.ping()),
      this.check('DynamoDB', dynamo, () => this.jobs.ping()),
      this.check('SQS', sqs, () => this.queue.ping()),
    ]);
  }

  private async check(service: AwsService, resource: string, ping: () => Promise<void>): Promise<void> {
    try {
      if (this.bootstrap.isEnabled) await this.bootstrap.run(service);
      await ping();
    } catch (error) {
      const cause = error instanceof StorageUnavailableError ? error.extras.cause : error;
      const errorClass = classifyAwsError(cause);
      const problem = `${explain(service, errorClass)} Expected the ${resource}. ${adviceFor(errorClass, cause)}`;
      this.logger.error(`${problem} Until this is solved, requests fail with storage-unavailable.`);
    }
  }
}

function adviceFor(errorClass: AwsErrorClass, cause: unknown): string {
  const details = cause instanceof Error ? `(${cause.name}: ${cause.message})` : '';
  switch (errorClass) {
    case 'missing':
      return 'Create it with deploy/cloudformation.yaml; in development, AWS_BOOTSTRAP=true creates it.';
    case 'no index':
      return `Update it with deploy/cloudformation.yaml; in development, AWS_BOOTSTRAP=true adds the index ${details}.`;
    case 'denied':
      return `Give the service the policy of deploy/cloudformation.yaml and credentials from the SDK’s default provider chain ${details}.`;
    case 'throttled':
    case 'unreachable':
    case 'failed':
      return `The service tries again with each request ${details}.`;
  }
}

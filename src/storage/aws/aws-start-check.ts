/** Says at the start what of AWS does not work, in a line each. The service starts all the same, and recovers by itself. */
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import { AwsSettings } from '../../config/settings';
import { ObjectStore } from '../../jobs/object.store';
import { ExecutionQueue } from '../../jobs/execution.queue';
import { JobRepository } from '../../jobs/job.repository';
import { AwsBootstrap } from './provisioning/aws-bootstrap';
import { type AwsErrorClass, type AwsService, explain, classifyAwsError } from './aws-errors';

@Injectable()
export class AwsStartCheck implements OnApplicationBootstrap {
  private readonly logger = new Logger(AwsStartCheck.name);

  constructor(
    private readonly settings: AwsSettings,
    private readonly bootstrap: AwsBootstrap,
    private readonly jobs: JobRepository,
    private readonly code: ObjectStore,
    private readonly queue: ExecutionQueue,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { bucket, table, queue, region, s3EndpointUrl, dynamodbEndpointUrl, sqsEndpointUrl } =
      this.settings;
    const s3 = `bucket ${bucket} (AWS_S3_BUCKET) at ${s3EndpointUrl ?? region}`;
    const dynamo = `table ${table} (AWS_DYNAMODB_TABLE) at ${dynamodbEndpointUrl ?? region}`;
    const sqs = `queue ${queue} (AWS_SQS_QUEUE) at ${sqsEndpointUrl ?? region}`;
    await Promise.all([
      this.check('S3', s3, () => this.code.ping()),
      this.check('DynamoDB', dynamo, () => this.jobs.ping()),
      this.check('SQS', sqs, () => this.queue.ping()),
    ]);
  }

  private async check(service: AwsService, what: string, ping: () => Promise<void>): Promise<void> {
    try {
      if (this.bootstrap.isEnabled) await this.bootstrap.run(service);
      await ping();
    } catch (error) {
      const cause = error instanceof StorageUnavailableError ? error.extras.cause : error;
      const fault = classifyAwsError(cause);
      const told = `${explain(service, fault)} Wanted: the ${what}. ${adviceOn(fault, cause)}`;
      this.logger.error(`${told} Until then requests answer storage-unavailable.`);
    }
  }
}

function adviceOn(fault: AwsErrorClass, cause: unknown): string {
  const told = cause instanceof Error ? `(${cause.name}: ${cause.message})` : '';
  switch (fault) {
    case 'missing':
      return 'Make it with deploy/cloudformation.yaml; in development AWS_BOOTSTRAP=true makes it.';
    case 'no index':
      return `Update it with deploy/cloudformation.yaml; in development AWS_BOOTSTRAP=true adds the index ${told}.`;
    case 'denied':
      return `Give the service the policy of deploy/cloudformation.yaml, and credentials the SDK’s standard way ${told}.`;
    case 'throttled':
    case 'unreachable':
    case 'failed':
      return `It is asked again with each request ${told}.`;
  }
}

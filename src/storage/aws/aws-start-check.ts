/** Says at the start what of AWS does not work, in a line each. The service starts all the same, and recovers by itself. */
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { StorageUnavailableError } from '../../common/storage-unavailable.error';
import { AwsSettings } from '../../config/settings';
import { CodeRepository } from '../../jobs/code.repository';
import { JobRepository } from '../../jobs/job.repository';
import { AwsBootstrap } from './aws-bootstrap';
import { faultOf } from './aws-fault';

@Injectable()
export class AwsStartCheck implements OnApplicationBootstrap {
  private readonly logger = new Logger(AwsStartCheck.name);

  constructor(
    private readonly settings: AwsSettings,
    private readonly bootstrap: AwsBootstrap,
    private readonly jobs: JobRepository,
    private readonly code: CodeRepository,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.bootstrap.isEnabled) await this.bootstrap.run().catch(() => undefined);
    const { bucket, table, s3EndpointUrl, dynamodbEndpointUrl } = this.settings;
    await Promise.all([
      this.check(`the bucket ${bucket} (AWS_S3_BUCKET)`, s3EndpointUrl, () => this.code.ping()),
      this.check(`the table ${table} (AWS_DYNAMODB_TABLE)`, dynamodbEndpointUrl, () => this.jobs.ping()),
    ]);
  }

  private async check(what: string, endpoint: string | undefined, ping: () => Promise<void>): Promise<void> {
    try {
      await ping();
    } catch (error) {
      if (!(error instanceof StorageUnavailableError)) throw error;
      const where = endpoint ?? this.settings.region;
      this.logger.error(
        `${error.explanation ?? ''} Wanted: ${what} at ${where}. ${adviceOn(error.extras.cause)} Until then requests answer storage-unavailable.`,
      );
    }
  }
}

function adviceOn(cause: unknown): string {
  const told = cause instanceof Error ? `(${cause.name}: ${cause.message})` : '';
  switch (faultOf(cause)) {
    case 'missing':
      return 'Make it with deploy/cloudformation.yaml; in development AWS_BOOTSTRAP=true makes it.';
    case 'denied':
      return `Give the service the policy of deploy/cloudformation.yaml, and credentials the SDK’s standard way ${told}.`;
    case 'throttled':
    case 'unreachable':
    case 'failed':
      return `It is asked again with each request ${told}.`;
  }
}

/** Calls of AWS in the terms of the ports: faults become storage-unavailable, and what a bootstrap may make is made. */
import { Injectable } from '@nestjs/common';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import { AwsBootstrap } from './provisioning/aws-bootstrap';
import { isWriteUncertain } from './attempts';
import { type AwsService, explain, classifyAwsError } from './aws-errors';

@Injectable()
export class AwsCalls {
  constructor(private readonly bootstrap: AwsBootstrap) {}

  /** @throws StorageUnavailableError */
  async make<T>(service: AwsService, call: () => Promise<T>): Promise<T> {
    try {
      return await this.onceMore(service, call);
    } catch (error) {
      throw this.unavailable(service, error);
    }
  }

  unavailable(service: AwsService, error: unknown): StorageUnavailableError {
    if (error instanceof StorageUnavailableError) return error;
    return new StorageUnavailableError(error, {
      explanation: explain(service, classifyAwsError(error)),
      isWriteUncertain: isWriteUncertain(error),
    });
  }

  /** An emulator that was started again has forgotten everything; a table may be older than its newest index. */
  private async onceMore<T>(service: AwsService, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      const isMakeable = ['missing', 'no index'].includes(classifyAwsError(error));
      if (!isMakeable || !this.bootstrap.isEnabled) throw error;
      await this.bootstrap.run(service);
      return call();
    }
  }
}

import { Injectable } from '@nestjs/common';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import { type AwsService, classifyAwsError, explain } from './aws-errors';
import { AwsBootstrap } from './provisioning/aws-bootstrap';
import { isWriteUncertain } from './uncertain-writes';

/** Runs AWS calls for the adapters: translates their errors into the ports' error and creates what AWS_BOOTSTRAP may create. */
@Injectable()
export class AwsCalls {
  constructor(private readonly bootstrap: AwsBootstrap) {}

  /** @throws StorageUnavailableError when the call fails */
  async run<T>(service: AwsService, call: () => Promise<T>): Promise<T> {
    try {
      return await this.runWithBootstrap(service, call);
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

  /** Provisions and repeats the call: an emulator forgets everything in a restart, and a table may lack its newest index. */
  private async runWithBootstrap<T>(service: AwsService, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      const canBeProvisioned = ['missing', 'no index'].includes(classifyAwsError(error));
      if (!canBeProvisioned || !this.bootstrap.isEnabled) throw error;
      await this.bootstrap.run(service);
      return call();
    }
  }
}

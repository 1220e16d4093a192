import { Injectable } from '@nestjs/common';
import {
  type HealthIndicatorFunction,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { StorageUnavailableError } from '../common/problems/storage-unavailable.error';
import { StorageSettings } from '../config/settings';
import { ObjectStore } from '../jobs/object.store';
import { ExecutionQueue } from '../jobs/execution.queue';
import { JobRepository } from '../jobs/job.repository';
import { probe } from './probe';

/** Checks whether jobs and code can be read and executions can be queued. */
@Injectable()
export class StorageHealthIndicator {
  constructor(
    private readonly jobs: JobRepository,
    private readonly code: ObjectStore,
    private readonly queue: ExecutionQueue,
    private readonly settings: StorageSettings,
    private readonly indicator: HealthIndicatorService,
  ) {}

  /** One check per part that can fail independently. */
  checks(): HealthIndicatorFunction[] {
    switch (this.settings.backend) {
      case 'embedded':
        return [
          () =>
            this.check('storage', () => Promise.all([this.jobs.ping(), this.code.ping(), this.queue.ping()])),
        ];
      case 'aws':
        return [
          () => this.check('dynamodb', () => this.jobs.ping()),
          () => this.check('s3', () => this.code.ping()),
          () => this.check('sqs', () => this.queue.ping()),
        ];
    }
  }

  private async check(name: string, ping: () => Promise<unknown>): Promise<HealthIndicatorResult> {
    const check = this.indicator.check(name);
    const result = await probe(ping);
    const details = { latency_ms: result.latencyMs, backend: this.settings.backend };
    return result.failed ? check.down({ ...details, message: explain(result.error) }) : check.up(details);
  }
}

function explain(error: unknown): string {
  const explanation = error instanceof StorageUnavailableError ? error.explanation : undefined;
  return explanation ?? 'The storage is unavailable.';
}

/** Whether jobs and code can be read. */
import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { StorageSettings } from '../config/settings';
import { CodeRepository } from '../jobs/code.repository';
import { JobRepository } from '../jobs/job.repository';
import { timed } from './timed';

@Injectable()
export class StorageHealthIndicator {
  constructor(
    private readonly jobs: JobRepository,
    private readonly code: CodeRepository,
    private readonly settings: StorageSettings,
    private readonly indicator: HealthIndicatorService,
  ) {}

  async check(): Promise<HealthIndicatorResult<'storage'>> {
    const check = this.indicator.check('storage');
    const { latencyMs, failed } = await timed(() => Promise.all([this.jobs.ping(), this.code.ping()]));
    const details = { latency_ms: latencyMs, backend: this.settings.backend };
    return failed ? check.down({ ...details, message: 'The storage does not work.' }) : check.up(details);
  }
}

/** Whether this instance takes new work: not while it is being stopped. */
import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { AttemptDependencies } from '../execution/attempt-dependencies';

@Injectable()
export class ReadinessIndicator {
  constructor(
    private readonly dependencies: AttemptDependencies,
    private readonly indicator: HealthIndicatorService,
  ) {}

  check(): HealthIndicatorResult<'gateway'> {
    const check = this.indicator.check('gateway');
    return this.dependencies.draining
      ? check.down({ message: 'This instance is being stopped.' })
      : check.up();
  }
}

import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { EngineClient } from '../execution/engine-clients/engine.client';
import { probe } from './probe';

/** Checks whether the engine can execute programs. */
@Injectable()
export class EngineHealthIndicator {
  constructor(
    private readonly engine: EngineClient,
    private readonly indicator: HealthIndicatorService,
  ) {}

  async check(): Promise<HealthIndicatorResult<'engine'>> {
    const check = this.indicator.check('engine');
    const { value, latencyMs, failed } = await probe(() => this.engine.ping());
    if (failed) return check.down({ latency_ms: latencyMs, message: 'The engine cannot be reached.' });
    const { canExecute, isolation, accounting, warning } = value;
    const details = { latency_ms: latencyMs, isolation, accounting, ...(warning !== null && { warning }) };
    return canExecute ? check.up(details) : check.down(details);
  }
}

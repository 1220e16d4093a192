/** Gives running executions their time to end when the engine's server is told to stop. */
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { ServerSettings } from '../../config/settings';
import { EngineService } from '../engine.service';

@Injectable()
export class EngineDrain implements BeforeApplicationShutdown {
  constructor(
    private readonly engine: EngineService,
    private readonly settings: ServerSettings,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.engine.drain(this.settings.shutdownGraceMs);
  }
}

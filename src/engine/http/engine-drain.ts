import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { ServerSettings } from '../../config/settings';
import { EngineService } from '../engine.service';

/** Lets running executions finish within SHUTDOWN_GRACE when the server shuts down. */
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

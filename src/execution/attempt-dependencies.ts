/** What every attempt works with. */
import { Injectable } from '@nestjs/common';
import { ExecutionSettings, QueueSettings } from '../config/settings';
import { CodeRepository } from '../jobs/code.repository';
import { JobRepository } from '../jobs/job.repository';
import { LogRepository } from '../jobs/log.repository';
import { EngineClient } from './engine.client';
import { Finishing } from './finishing';
import { LiveOutputs } from './live-outputs';
import { OwedEndings } from './owed-endings';

@Injectable()
export class AttemptDependencies {
  /** Set when the service is being stopped: what runs may end, nothing new begins. */
  draining = false;

  constructor(
    readonly jobs: JobRepository,
    readonly code: CodeRepository,
    readonly logs: LogRepository,
    readonly engine: EngineClient,
    readonly live: LiveOutputs,
    readonly owed: OwedEndings,
    readonly finishing: Finishing,
    readonly settings: ExecutionSettings,
    readonly queue: QueueSettings,
  ) {}
}

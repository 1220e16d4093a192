/** What every attempt works with. */
import { Injectable } from '@nestjs/common';
import { ExecutionSettings } from '../config/settings';
import { CodeRepository } from '../jobs/code.repository';
import { JobRepository } from '../jobs/job.repository';
import { LogRepository } from '../jobs/log.repository';
import { EngineClient } from './engine.client';
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
    readonly owed: OwedEndings,
    readonly settings: ExecutionSettings,
  ) {}
}

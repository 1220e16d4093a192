/** What every attempt works with. */
import { Injectable } from '@nestjs/common';
import { ExecutionSettings, QueueSettings } from '../../config/settings';
import { ObjectStore } from '../../jobs/object.store';
import { JobRepository } from '../../jobs/job.repository';
import { LogRepository } from '../../jobs/log.repository';
import { EngineClient } from '../engine-clients/engine.client';
import { AttemptCompletion } from './attempt-completion';
import { LiveOutputRegistry } from './live-output';
import { OutcomeWriter } from './outcome-writer';

@Injectable()
export class AttemptDependencies {
  /** Set when the service is being stopped: what runs may end, nothing new begins. */
  draining = false;

  constructor(
    readonly jobs: JobRepository,
    readonly code: ObjectStore,
    readonly logs: LogRepository,
    readonly engine: EngineClient,
    readonly live: LiveOutputRegistry,
    readonly owed: OutcomeWriter,
    readonly finishing: AttemptCompletion,
    readonly settings: ExecutionSettings,
    readonly queue: QueueSettings,
  ) {}
}

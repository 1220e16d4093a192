/** Execution: binds the port to the engine that the settings name, and offers its languages to every module. */
import { HttpModule } from '@nestjs/axios';
import { type DynamicModule, Module } from '@nestjs/common';
import type { ExecutionSettings } from '../config/settings';
import { JobsModule } from '../jobs/jobs.module';
import { LanguageCatalog } from '../jobs/language.catalog';
import { AttemptDependencies } from './attempt-dependencies';
import { CallbackDeliveries } from './callbacks/callback-deliveries';
import { CallbackHandover } from './callbacks/callback-handover';
import { CallbackSender } from './callbacks/callback-sender';
import { CancelService } from './cancel.service';
import { EmbeddedEngineClientModule } from './clients/embedded-engine.client';
import { HttpEngineClientModule } from './clients/http-engine.client';
import { DueJobs } from './due-jobs';
import { EngineLanguageCatalog } from './engine-language.catalog';
import { EventStreams } from './events/event-streams';
import { EventsController } from './events/events.controller';
import { JobEvents } from './events/job-events';
import { PeerEvents } from './events/peer-events';
import { ExecutionAnswers } from './execution-answers';
import { ExecutionController } from './execution.controller';
import { ExecutionDrain } from './execution.drain';
import { ExecutionService } from './execution.service';
import { Finishing } from './finishing';
import { IdempotencyService } from './idempotency/idempotency.service';
import { LiveOutputs } from './live-outputs';
import { OwedEndings } from './owed-endings';
import { PeerAddress } from './peer-address';
import { PeerCancel } from './peer-cancel';
import { QueueWorker } from './queue-worker';
import { RequestChecks } from './request-checks';
import { RunningJobs } from './running-jobs';
import { StoredRequests } from './stored-requests';
import { UploadController } from './upload.controller';
import { Uploads } from './uploads';

@Module({
  imports: [JobsModule, HttpModule],
  controllers: [UploadController, ExecutionController, EventsController],
  providers: [
    ExecutionService,
    ExecutionAnswers,
    CallbackDeliveries,
    CallbackHandover,
    CallbackSender,
    CancelService,
    ExecutionDrain,
    RunningJobs,
    OwedEndings,
    DueJobs,
    EventStreams,
    Finishing,
    IdempotencyService,
    JobEvents,
    LiveOutputs,
    PeerAddress,
    PeerCancel,
    PeerEvents,
    QueueWorker,
    RequestChecks,
    StoredRequests,
    Uploads,
    AttemptDependencies,
    { provide: LanguageCatalog, useClass: EngineLanguageCatalog },
  ],
  exports: [LanguageCatalog],
})
export class ExecutionModule {
  static register({ engineUrl }: ExecutionSettings): DynamicModule {
    const client = engineUrl === undefined ? EmbeddedEngineClientModule : HttpEngineClientModule;
    return { module: ExecutionModule, global: true, imports: [client], exports: [client] };
  }
}

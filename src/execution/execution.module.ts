/** Execution: binds the port to the engine that the settings name, and offers its languages to every module. */
import { HttpModule } from '@nestjs/axios';
import { type DynamicModule, Module } from '@nestjs/common';
import type { ExecutionSettings } from '../config/settings';
import { JobsModule } from '../jobs/jobs.module';
import { LanguageCatalog } from '../jobs/language.catalog';
import { AttemptDependencies } from './attempts/attempt-dependencies';
import { WebhookDeliveries } from './webhooks/webhook-deliveries';
import { WebhookHandover } from './webhooks/webhook-handover';
import { WebhookSender } from './webhooks/webhook-sender';
import { CancelService } from './cancel.service';
import { EmbeddedEngineClientModule } from './engine-clients/embedded-engine.client';
import { HttpEngineClientModule } from './engine-clients/http-engine.client';
import { JobReconciler } from './recovery/job-reconciler';
import { EngineLanguageCatalog } from './engine-clients/engine-language.catalog';
import { EventStreams } from './events/event-streams';
import { EventsController } from './events/events.controller';
import { JobEvents } from './events/job-events';
import { PeerEvents } from './peers/peer-events';
import { IdempotentExecutions } from './idempotency/idempotent-executions';
import { ExecutionController } from './execution.controller';
import { ExecutionShutdown } from './execution.shutdown';
import { ExecutionService } from './execution.service';
import { AttemptCompletion } from './attempts/attempt-completion';
import { IdempotencyService } from './idempotency/idempotency.service';
import { LiveOutputRegistry } from './attempts/live-output';
import { OutcomeWriter } from './attempts/outcome-writer';
import { PeerAddress } from './peers/peer-address';
import { PeerCancel } from './peers/peer-cancel';
import { QueueWorker } from './queue/queue-worker';
import { ExecutionRequestValidator } from './execution-request.validator';
import { ActiveExecutions } from './attempts/active-executions';
import { QueuedRequestStore } from './queue/queued-request.store';
import { UploadController } from './upload.controller';
import { UploadService } from './upload.service';

@Module({
  imports: [JobsModule, HttpModule],
  controllers: [UploadController, ExecutionController, EventsController],
  providers: [
    ExecutionService,
    IdempotentExecutions,
    WebhookDeliveries,
    WebhookHandover,
    WebhookSender,
    CancelService,
    ExecutionShutdown,
    ActiveExecutions,
    OutcomeWriter,
    JobReconciler,
    EventStreams,
    AttemptCompletion,
    IdempotencyService,
    JobEvents,
    LiveOutputRegistry,
    PeerAddress,
    PeerCancel,
    PeerEvents,
    QueueWorker,
    ExecutionRequestValidator,
    QueuedRequestStore,
    UploadService,
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

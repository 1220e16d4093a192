import { HttpModule } from '@nestjs/axios';
import { type DynamicModule, Module } from '@nestjs/common';
import type { ExecutionSettings } from '../config/settings';
import { JobsModule } from '../jobs/jobs.module';
import { LanguageCatalogue } from '../jobs/language.catalogue';
import { AsynchronousExecutions } from './asynchronous-executions';
import { ActiveExecutions } from './attempts/active-executions';
import { AttemptFinisher } from './attempts/attempt-finisher';
import { AttemptRunner } from './attempts/attempt-runner';
import { LeaseService } from './attempts/lease.service';
import { LiveOutputRegistry } from './attempts/live-output';
import { OutcomeWriter } from './attempts/outcome-writer';
import { ProgramRunner } from './attempts/program-runner';
import { StartWriter } from './attempts/start-writer';
import { CancelService } from './cancellation/cancel.service';
import { ExecutionEndWatcher } from './cancellation/execution-end-watcher';
import { RemoteExecutionCanceller } from './cancellation/remote-execution-canceller';
import { UnstartedJobCanceller } from './cancellation/unstarted-job-canceller';
import { EmbeddedEngineClientModule } from './engine-clients/embedded-engine.client';
import { EngineLanguageCatalogue } from './engine-clients/engine-language.catalogue';
import { HttpEngineClientModule } from './engine-clients/http-engine.client';
import { EventStreams } from './events/event-streams';
import { EventsController } from './events/events.controller';
import { JobEvents } from './events/job-events';
import { ExecutionAdmission } from './execution-admission';
import { ExecutionRequestValidator } from './execution-request.validator';
import { ExecutionController } from './execution.controller';
import { ExecutionShutdown } from './execution.shutdown';
import { IdempotencyService } from './idempotency/idempotency.service';
import { IdempotentExecutions } from './idempotency/idempotent-executions';
import { PeerAddress } from './peers/peer-address';
import { PeerCanceller } from './peers/peer-canceller';
import { PeerEvents } from './peers/peer-events';
import { DeliveryProcessor } from './queue/delivery-processor';
import { QueueMessageSender } from './queue/queue-message-sender';
import { QueueWorker } from './queue/queue-worker';
import { QueuedRequestStore } from './queue/queued-request.store';
import { AbandonedAttempts } from './recovery/abandoned-attempts';
import { DueJobHandler } from './recovery/due-job-handler';
import { JobCheckTimers } from './recovery/job-check-timers';
import { JobReconciler } from './recovery/job-reconciler';
import { TransitionFollowUp } from './recovery/transition-follow-up';
import { ShutdownState } from './shutdown-state';
import { SynchronousExecutions } from './synchronous-executions';
import { UploadController } from './upload.controller';
import { UploadService } from './upload.service';
import { WebhookDeliveries } from './webhooks/webhook-deliveries';
import { WebhookEnqueuer } from './webhooks/webhook-enqueuer';
import { WebhookSender } from './webhooks/webhook-sender';

const STARTING = [
  UploadService,
  ExecutionRequestValidator,
  ExecutionAdmission,
  SynchronousExecutions,
  AsynchronousExecutions,
];
const SHUTDOWN = [ShutdownState, ExecutionShutdown];
const ATTEMPTS = [
  ActiveExecutions,
  AttemptRunner,
  AttemptFinisher,
  LeaseService,
  LiveOutputRegistry,
  OutcomeWriter,
  ProgramRunner,
  StartWriter,
];
const CANCELLATION = [CancelService, UnstartedJobCanceller, RemoteExecutionCanceller, ExecutionEndWatcher];
const QUEUE = [QueueWorker, DeliveryProcessor, QueueMessageSender, QueuedRequestStore];
const RECOVERY = [JobReconciler, DueJobHandler, AbandonedAttempts, JobCheckTimers, TransitionFollowUp];
const EVENTS = [EventStreams, JobEvents];
const WEBHOOKS = [WebhookDeliveries, WebhookEnqueuer, WebhookSender];
const IDEMPOTENCY = [IdempotencyService, IdempotentExecutions];
const PEERS = [PeerAddress, PeerCanceller, PeerEvents];

@Module({
  imports: [JobsModule, HttpModule],
  controllers: [UploadController, ExecutionController, EventsController],
  providers: [
    ...STARTING,
    ...SHUTDOWN,
    ...ATTEMPTS,
    ...CANCELLATION,
    ...QUEUE,
    ...RECOVERY,
    ...EVENTS,
    ...WEBHOOKS,
    ...IDEMPOTENCY,
    ...PEERS,
    { provide: LanguageCatalogue, useClass: EngineLanguageCatalogue },
  ],
  exports: [LanguageCatalogue],
})
export class ExecutionModule {
  /** Provides the EngineClient that EXECUTION_ENGINE_URL selects: over HTTP when it is set, otherwise the embedded engine. */
  static register({ engineUrl }: ExecutionSettings): DynamicModule {
    const client = engineUrl === undefined ? EmbeddedEngineClientModule : HttpEngineClientModule;
    return { module: ExecutionModule, global: true, imports: [client], exports: [client] };
  }
}

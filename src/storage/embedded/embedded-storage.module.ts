import { Module } from '@nestjs/common';
import { WebhookRepository } from '../../jobs/webhook.repository';
import { ObjectStore } from '../../jobs/object.store';
import { ExecutionQueue } from '../../jobs/execution.queue';
import { IdempotencyRepository } from '../../jobs/idempotency.repository';
import { JobRepository } from '../../jobs/job.repository';
import { LogRepository } from '../../jobs/log.repository';
import { EmbeddedStorageCleaner } from './embedded-storage.cleaner';
import { EmbeddedDatabase } from './embedded-database';
import { FileObjectStore } from './file-object.store';
import { FileLogRepository } from './file-log.repository';
import { SqliteWebhookRepository } from './sqlite-webhook.repository';
import { SqliteIdempotencyRepository } from './sqlite-idempotency.repository';
import { SqliteExecutionQueue } from './sqlite-execution.queue';
import { SqliteJobRepository } from './sqlite-job.repository';

/** The storage ports on SQLite and files. */
@Module({
  providers: [
    EmbeddedDatabase,
    SqliteJobRepository,
    EmbeddedStorageCleaner,
    { provide: JobRepository, useExisting: SqliteJobRepository },
    { provide: ObjectStore, useClass: FileObjectStore },
    { provide: LogRepository, useClass: FileLogRepository },
    { provide: IdempotencyRepository, useClass: SqliteIdempotencyRepository },
    { provide: WebhookRepository, useClass: SqliteWebhookRepository },
    { provide: ExecutionQueue, useClass: SqliteExecutionQueue },
  ],
  exports: [
    JobRepository,
    ObjectStore,
    LogRepository,
    IdempotencyRepository,
    WebhookRepository,
    ExecutionQueue,
  ],
})
export class EmbeddedStorageModule {}

/** The storage ports on SQLite and files. */
import { Module } from '@nestjs/common';
import { CallbackRepository } from '../../jobs/callback.repository';
import { CodeRepository } from '../../jobs/code.repository';
import { ExecutionQueue } from '../../jobs/execution.queue';
import { IdempotencyRepository } from '../../jobs/idempotency.repository';
import { JobRepository } from '../../jobs/job.repository';
import { LogRepository } from '../../jobs/log.repository';
import { EmbeddedStorageCleaner } from './cleaner';
import { EmbeddedDatabase } from './embedded-database';
import { FileCodeRepository } from './file-code.repository';
import { FileLogRepository } from './file-log.repository';
import { SqliteCallbackRepository } from './sqlite-callback.repository';
import { SqliteIdempotencyRepository } from './sqlite-idempotency.repository';
import { SqliteExecutionQueue } from './sqlite-execution.queue';
import { SqliteJobRepository } from './sqlite-job.repository';

@Module({
  providers: [
    EmbeddedDatabase,
    SqliteJobRepository,
    EmbeddedStorageCleaner,
    { provide: JobRepository, useExisting: SqliteJobRepository },
    { provide: CodeRepository, useClass: FileCodeRepository },
    { provide: LogRepository, useClass: FileLogRepository },
    { provide: IdempotencyRepository, useClass: SqliteIdempotencyRepository },
    { provide: CallbackRepository, useClass: SqliteCallbackRepository },
    { provide: ExecutionQueue, useClass: SqliteExecutionQueue },
  ],
  exports: [
    JobRepository,
    CodeRepository,
    LogRepository,
    IdempotencyRepository,
    CallbackRepository,
    ExecutionQueue,
  ],
})
export class EmbeddedStorageModule {}

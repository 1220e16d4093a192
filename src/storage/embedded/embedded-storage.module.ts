/** The storage ports on SQLite and files. */
import { Module } from '@nestjs/common';
import { CodeRepository } from '../../jobs/code.repository';
import { JobRepository } from '../../jobs/job.repository';
import { LogRepository } from '../../jobs/log.repository';
import { EmbeddedStorageCleaner } from './cleaner';
import { FileCodeRepository } from './file-code.repository';
import { FileLogRepository } from './file-log.repository';
import { SqliteJobRepository } from './sqlite-job.repository';

@Module({
  providers: [
    SqliteJobRepository,
    EmbeddedStorageCleaner,
    { provide: JobRepository, useExisting: SqliteJobRepository },
    { provide: CodeRepository, useClass: FileCodeRepository },
    { provide: LogRepository, useClass: FileLogRepository },
  ],
  exports: [JobRepository, CodeRepository, LogRepository],
})
export class EmbeddedStorageModule {}

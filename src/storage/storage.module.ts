/** Binds the storage ports to their adapters, for every module. */
import { Global, Module } from '@nestjs/common';
import { CodeRepository } from '../jobs/code.repository';
import { JobRepository } from '../jobs/job.repository';
import { JobsModule } from '../jobs/jobs.module';
import { LogRepository } from '../jobs/log.repository';
import { DownloadsController } from './downloads.controller';
import { DownloadsService } from './downloads.service';
import { EmbeddedStorageCleaner } from './embedded/cleaner';
import { FileCodeRepository } from './embedded/file-code.repository';
import { FileLogRepository } from './embedded/file-log.repository';
import { SqliteJobRepository } from './embedded/sqlite-job.repository';

@Global()
@Module({
  imports: [JobsModule],
  controllers: [DownloadsController],
  providers: [
    DownloadsService,
    SqliteJobRepository,
    EmbeddedStorageCleaner,
    { provide: JobRepository, useExisting: SqliteJobRepository },
    { provide: CodeRepository, useClass: FileCodeRepository },
    { provide: LogRepository, useClass: FileLogRepository },
  ],
  exports: [JobRepository, CodeRepository, LogRepository],
})
export class StorageModule {}

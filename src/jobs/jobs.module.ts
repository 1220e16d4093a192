import { Module } from '@nestjs/common';
import { DownloadsController } from './downloads.controller';
import { DownloadsService } from './downloads.service';
import { JobWatcher } from './job-watcher';
import { JobLinks } from './job-links';
import { JobLongPoll } from './job-long-poll';
import { JobsController } from './jobs.controller';
import { JobsPresenter } from './jobs.presenter';
import { JobsService } from './jobs.service';
import { LanguagesService } from './languages.service';

/** Jobs without their execution. StorageModule and ExecutionModule bind the ports to adapters. */
@Module({
  controllers: [JobsController, DownloadsController],
  providers: [
    JobWatcher,
    JobLongPoll,
    JobsService,
    JobsPresenter,
    JobLinks,
    LanguagesService,
    DownloadsService,
  ],
  exports: [JobWatcher, JobsService, JobsPresenter, JobLinks],
})
export class JobsModule {}

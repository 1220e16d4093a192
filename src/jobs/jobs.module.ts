/** Jobs: everything about them but their execution. The ports are bound by the modules that own the adapters. */
import { Module } from '@nestjs/common';
import { JobWatcher } from './job-watcher';
import { JobLinks } from './job-links';
import { JobLongPoll } from './job-long-poll';
import { JobsController } from './jobs.controller';
import { JobsPresenter } from './jobs.presenter';
import { JobsService } from './jobs.service';
import { LanguagesService } from './languages.service';

@Module({
  controllers: [JobsController],
  providers: [JobWatcher, JobLongPoll, JobsService, JobsPresenter, JobLinks, LanguagesService],
  exports: [JobWatcher, JobsService, JobsPresenter, JobLinks],
})
export class JobsModule {}

/** Jobs: everything about them but their execution. The ports are bound by the modules that own the adapters. */
import { Module } from '@nestjs/common';
import { JobChanges } from './job-changes';
import { JobLinks } from './job-links';
import { JobWaiting } from './job-waiting';
import { JobsController } from './jobs.controller';
import { JobsPresenter } from './jobs.presenter';
import { JobsService } from './jobs.service';
import { LanguagesService } from './languages.service';

@Module({
  controllers: [JobsController],
  providers: [JobChanges, JobWaiting, JobsService, JobsPresenter, JobLinks, LanguagesService],
  exports: [JobChanges, JobsService, JobsPresenter, JobLinks],
})
export class JobsModule {}

/** Jobs: everything about them but their execution. The ports are bound by the modules that own the adapters. */
import { Module } from '@nestjs/common';
import { AbandonedExecutions } from './abandoned-executions';
import { JobLinks } from './job-links';
import { JobsController } from './jobs.controller';
import { JobsPresenter } from './jobs.presenter';
import { JobsService } from './jobs.service';
import { LanguagesService } from './languages.service';

@Module({
  controllers: [JobsController],
  providers: [AbandonedExecutions, JobsService, JobsPresenter, JobLinks, LanguagesService],
  exports: [JobsService, JobsPresenter, JobLinks],
})
export class JobsModule {}

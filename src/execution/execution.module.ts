/** Execution: binds the port to the engine that the settings name, and offers its languages to every module. */
import { type DynamicModule, Module } from '@nestjs/common';
import type { ExecutionSettings } from '../config/settings';
import { JobsModule } from '../jobs/jobs.module';
import { LanguageCatalog } from '../jobs/language.catalog';
import { AttemptDependencies } from './attempt-dependencies';
import { CancelService } from './cancel.service';
import { EmbeddedEngineClientModule } from './clients/embedded-engine.client';
import { HttpEngineClientModule } from './clients/http-engine.client';
import { EngineLanguageCatalog } from './engine-language.catalog';
import { ExecutionController } from './execution.controller';
import { ExecutionDrain } from './execution.drain';
import { ExecutionService } from './execution.service';
import { OwedEndings } from './owed-endings';
import { RunningJobs } from './running-jobs';

@Module({
  imports: [JobsModule],
  controllers: [ExecutionController],
  providers: [
    ExecutionService,
    CancelService,
    ExecutionDrain,
    RunningJobs,
    OwedEndings,
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

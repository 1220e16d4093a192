import { type DynamicModule, Module } from '@nestjs/common';
import { LoggingModule } from './common/logging/logging.module';
import { ProblemsModule } from './common/problems/problems.controller';
import { type Settings, SettingsModule } from './config/settings.module';
import { ExecutionModule } from './execution/execution.module';
import { HealthModule } from './health/health.module';
import { JobsModule } from './jobs/jobs.module';
import { StorageModule } from './storage/storage.module';

@Module({})
export class AppModule {
  static register(settings: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.register(settings),
        LoggingModule,
        StorageModule.register(settings.storage),
        ExecutionModule.register(settings.execution),
        JobsModule,
        HealthModule,
        ProblemsModule,
      ],
    };
  }
}

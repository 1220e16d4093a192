import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { JobsModule } from '../jobs/jobs.module';
import { EngineHealthIndicator } from './engine.health';
import { HealthController } from './health.controller';
import { ServiceController } from './service.controller';
import { StorageHealthIndicator } from './storage.health';

@Module({
  imports: [TerminusModule.forRoot({ logger: false }), JobsModule],
  controllers: [HealthController, ServiceController],
  providers: [StorageHealthIndicator, EngineHealthIndicator],
})
export class HealthModule {}

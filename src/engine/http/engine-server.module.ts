import { type DynamicModule, Module } from '@nestjs/common';
import { LoggingModule } from '../../common/logging/logging.module';
import { type Settings, SettingsModule } from '../../config/settings.module';
import { EngineModule } from '../engine.module';
import { EngineController } from './engine.controller';
import { EngineDrain } from './engine-drain';
import { RequestValidator } from './request.validator';

/** The engine as an application of its own, without a gateway. */
@Module({})
export class EngineServerModule {
  static register(settings: Settings): DynamicModule {
    return {
      module: EngineServerModule,
      imports: [SettingsModule.register(settings), LoggingModule, EngineModule],
      controllers: [EngineController],
      providers: [EngineDrain, RequestValidator],
    };
  }
}

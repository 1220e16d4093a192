/** Binds the storage ports, for every module, to the backend that the settings name. */
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { StorageSettings } from '../config/settings';
import { JobsModule } from '../jobs/jobs.module';
import { DownloadsController } from '../jobs/downloads.controller';
import { DownloadsService } from '../jobs/downloads.service';

/** Only what is used is loaded: the SDK takes as long to load as all the rest of the service. */
const BACKENDS: Record<StorageSettings['backend'], () => Promise<Type>> = {
  embedded: async () => (await import('./embedded/embedded-storage.module.js')).EmbeddedStorageModule,
  aws: async () => (await import('./aws/aws-storage.module.js')).AwsStorageModule,
};

@Module({
  imports: [JobsModule],
  controllers: [DownloadsController],
  providers: [DownloadsService],
})
export class StorageModule {
  static async register({ backend }: StorageSettings): Promise<DynamicModule> {
    const adapters = await BACKENDS[backend]();
    return { module: StorageModule, global: true, imports: [adapters], exports: [adapters] };
  }
}

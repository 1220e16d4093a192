import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { StorageSettings } from '../config/settings';

/** Loads only the selected backend: the AWS SDK takes as long to load as the rest of the service. */
const BACKENDS: Record<StorageSettings['backend'], () => Promise<Type>> = {
  embedded: async () => (await import('./embedded/embedded-storage.module.js')).EmbeddedStorageModule,
  aws: async () => (await import('./aws/aws-storage.module.js')).AwsStorageModule,
};

/** Binds the storage ports, for every module, to the backend that STORAGE_BACKEND names. */
@Module({})
export class StorageModule {
  static async register({ backend }: StorageSettings): Promise<DynamicModule> {
    const adapters = await BACKENDS[backend]();
    return { module: StorageModule, global: true, imports: [adapters], exports: [adapters] };
  }
}

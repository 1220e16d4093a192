import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { readEnvironment } from './environment';
import { checkLogFile } from './log-file';
import {
  AwsSettings,
  WebhookSettings,
  EngineSettings,
  EventsSettings,
  ExecutionSettings,
  LogSettings,
  QueueSettings,
  ServerSettings,
  StorageSettings,
  UploadSettings,
} from './settings';

/** Settings of the caller, which take precedence over the environment and `.env`. */
export type Overrides = Readonly<Record<string, string>>;
/** Determines the listen address of the engine and so whether it may run without isolation. */
export type Application = 'gateway' | 'engine';

export interface Settings {
  readonly server: ServerSettings;
  readonly upload: UploadSettings;
  readonly storage: StorageSettings;
  readonly aws: AwsSettings;
  readonly execution: ExecutionSettings;
  readonly queue: QueueSettings;
  readonly events: EventsSettings;
  readonly webhooks: WebhookSettings;
  readonly log: LogSettings;
  readonly engine: EngineSettings;
}

/**
 * Reads the settings from `overrides`, then the environment, then `.env`.
 * @throws EnvironmentError that lists every error of the configuration
 */
export async function loadSettings(application: Application, overrides: Overrides = {}): Promise<Settings> {
  const found: Record<string, unknown> = {};
  await ConfigModule.forRoot({
    // ConfigModule writes the returned variables to process.env, so none are returned.
    validate: (variables) => (Object.assign(found, variables), {}),
  });
  const environment = readEnvironment({ ...found, ...overrides }, checkLogFile);
  return {
    server: new ServerSettings(environment),
    upload: new UploadSettings(environment),
    storage: new StorageSettings(environment),
    aws: new AwsSettings(environment),
    execution: new ExecutionSettings(environment),
    queue: new QueueSettings(environment),
    events: new EventsSettings(environment),
    webhooks: new WebhookSettings(environment),
    log: new LogSettings(environment),
    engine: new EngineSettings(
      environment,
      application === 'engine' ? environment.ENGINE_HOST : environment.SERVER_HOST,
    ),
  };
}

/** Provides each settings group under its class. */
@Module({})
export class SettingsModule {
  static register(settings: Settings): DynamicModule {
    const groups = Object.values(settings) as object[];
    return {
      module: SettingsModule,
      global: true,
      providers: groups.map((group) => ({ provide: group.constructor, useValue: group })),
      exports: groups.map((group) => group.constructor),
    };
  }
}

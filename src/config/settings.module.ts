/** Reads the environment once, through @nestjs/config, and hands it out as typed groups. */
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

/** Settings given by the caller; they win over the environment and over `.env`. */
export type Overrides = Readonly<Record<string, string>>;
/** Which address the engine is reachable at decides whether it may run without isolation. */
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

/** From the environment, then `.env`. @throws EnvironmentError that lists every fault */
export async function loadSettings(application: Application, overrides: Overrides = {}): Promise<Settings> {
  const found: Record<string, unknown> = {};
  await ConfigModule.forRoot({
    // What is returned here would be written back to the process's environment: nothing is.
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

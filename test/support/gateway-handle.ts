/** What tests get of the service, however it runs. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Api } from './api';
import type { Overrides } from './applications';

export interface Gateway {
  /** What serves the url of `api`. */
  readonly app: NestFastifyApplication;
  /** Asks all gateways in turn. */
  readonly api: Api;
  /** One for each gateway. */
  readonly apis: readonly Api[];
  readonly dataDir: string;
  readonly backend: 'embedded' | 'aws';
  /** ENVIRONMENT, unless the test sets another one. */
  readonly environment: string;
  /** The names of the code that is stored. */
  readonly uploads: () => Promise<string[]>;
  /** The newest job of those that were there before; undefined when there were none. */
  readonly newestBefore?: string | undefined;
  readonly close: () => Promise<void>;
}

/** @param overrides settings besides those that every test has */
export type StartGateway = (overrides?: Overrides) => Promise<Gateway>;

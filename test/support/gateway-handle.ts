import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Api } from './api';
import type { Overrides } from './applications';

export interface Gateway {
  /** The application that serves `api`. */
  readonly app: NestFastifyApplication;
  /** Sends its requests to all gateways in turn. */
  readonly api: Api;
  /** One for each gateway. */
  readonly apis: readonly Api[];
  readonly dataDir: string;
  readonly backend: 'embedded' | 'aws';
  /** The setting ENVIRONMENT of the gateway. */
  readonly environment: string;
  /** Lists the names of the stored code objects. */
  readonly uploads: () => Promise<string[]>;
  /** The newest job that existed before the tests; undefined if there was none. */
  readonly newestBefore?: string | undefined;
  readonly close: () => Promise<void>;
}

/** @param overrides additional settings */
export type StartGateway = (overrides?: Overrides) => Promise<Gateway>;

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createGateway } from '../../src/app.setup';
import { createEngine } from '../../src/engine/http/start';

/** Shared by all test files of a machine, because its caches are expensive to fill. */
export const ENGINE_WORK_DIR = join(
  tmpdir(),
  `service-server-test-engine-${(process.getuid?.() ?? 0).toString()}`,
);

export const ENVIRONMENT = 'test';

export type Overrides = Readonly<Record<string, string>>;

const DEFAULTS: Overrides = {
  LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
  ENVIRONMENT,
  ENGINE_WORK_DIR,
  SHUTDOWN_GRACE: '0',
  // A compiler gets little CPU time while other suites run on the same machine.
  ENGINE_COMPILE_TIMEOUT: '60000',
};

export interface Application {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts a gateway in this process on a free port of the loopback interface. @param overrides additional settings */
export async function listenGateway(overrides: Overrides): Promise<Application> {
  return listen(await createGateway({ ...DEFAULTS, SERVER_PORT: '0', ...overrides }));
}

/** Starts an engine as a server of its own. */
export async function startEngine(overrides: Overrides = {}): Promise<Application> {
  return listen(await createEngine({ ...DEFAULTS, ENGINE_PORT: '0', ...overrides }));
}

async function listen(app: NestFastifyApplication): Promise<Application> {
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl(), close: () => app.close() };
}

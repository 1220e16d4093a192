/** The applications as tests start them: in this process, on free ports of loopback. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createGateway } from '../../src/app.setup';
import { createEngine } from '../../src/engine/http/start';

/** One for all test files of a machine: what it holds besides runs is the same for all, and costly to make. */
export const ENGINE_WORK_DIR = join(
  tmpdir(),
  `service-server-test-engine-${(process.getuid?.() ?? 0).toString()}`,
);

export const ENVIRONMENT = 'test';

export type Overrides = Readonly<Record<string, string>>;

const QUIET: Overrides = {
  LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
  ENVIRONMENT,
  ENGINE_WORK_DIR,
  SHUTDOWN_GRACE: '0',
};

export interface Application {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** @param overrides settings besides those that every test has */
export async function listenGateway(overrides: Overrides): Promise<Application> {
  return listen(await createGateway({ ...QUIET, SERVER_PORT: '0', ...overrides }));
}

/** An engine as a server of its own. */
export async function startEngine(overrides: Overrides = {}): Promise<Application> {
  return listen(await createEngine({ ...QUIET, ENGINE_PORT: '0', ...overrides }));
}

async function listen(app: NestFastifyApplication): Promise<Application> {
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl(), close: () => app.close() };
}

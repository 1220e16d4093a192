/** A gateway for tests: the real application on a free port of loopback, with a data directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createGateway } from '../../src/app.setup';
import { createEngine } from '../../src/engine/http/start';
import { Api } from './api';

/** One for all test files of a machine: what it holds besides runs is the same for all, and costly to make. */
export const ENGINE_WORK_DIR = join(
  tmpdir(),
  `service-server-test-engine-${(process.getuid?.() ?? 0).toString()}`,
);

export interface Gateway {
  readonly app: NestFastifyApplication;
  readonly api: Api;
  readonly dataDir: string;
  close(): Promise<void>;
}

type Overrides = Readonly<Record<string, string>>;

const QUIET: Overrides = {
  LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
  ENVIRONMENT: 'test',
  ENGINE_WORK_DIR,
  SHUTDOWN_GRACE: '0',
};

/** @param overrides settings besides those that every test has */
export async function startGateway(overrides: Overrides = {}): Promise<Gateway> {
  const dataDir = await mkdtemp(join(tmpdir(), 'service-server-test-'));
  const app = await createGateway({ ...QUIET, SERVER_PORT: '0', DATA_DIR: dataDir, ...overrides });
  await app.listen(0, '127.0.0.1');
  return {
    app,
    api: new Api(await app.getUrl()),
    dataDir,
    close: async () => {
      await app.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** An engine as a server of its own. */
export async function startEngine(
  overrides: Overrides = {},
): Promise<{ url: string; close: () => Promise<void> }> {
  const app = await createEngine({ ...QUIET, ENGINE_PORT: '0', ...overrides });
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}

/** A gateway whose engine is a server of its own. */
export async function startGatewayWithEngine(overrides: Overrides = {}): Promise<Gateway> {
  const engine = await startEngine(overrides);
  const gateway = await startGateway({ ...overrides, EXECUTION_ENGINE_URL: engine.url });
  return {
    ...gateway,
    close: async () => {
      await gateway.close();
      await engine.close();
    },
  };
}

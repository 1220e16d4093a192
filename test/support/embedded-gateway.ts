import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from './api';
import { ENVIRONMENT, listenGateway, startEngine } from './applications';
import type { StartGateway } from './gateway-handle';

/** Starts a gateway on embedded storage with its own data directory. */
export const startEmbedded: StartGateway = async (overrides = {}) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'service-server-test-'));
  const { app, url, close } = await listenGateway({ DATA_DIR: dataDir, ...overrides });
  const api = new Api(url);
  return {
    app,
    api,
    apis: [api],
    dataDir,
    backend: 'embedded',
    environment: ENVIRONMENT,
    uploads: () => readdir(join(dataDir, 'objects', 'uploads')),
    close: async () => {
      await close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/** Also starts the engine as a server of its own. */
export const startEmbeddedWithEngine: StartGateway = async (overrides = {}) => {
  const engine = await startEngine(overrides);
  const gateway = await startEmbedded({ ...overrides, EXECUTION_ENGINE_URL: engine.url });
  return {
    ...gateway,
    close: async () => {
      await gateway.close();
      await engine.close();
    },
  };
};

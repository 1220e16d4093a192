import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from './api';
import { type Application, ENVIRONMENT, listenGateway, startEngine } from './applications';
import { awsSettings, keysUnder } from './aws';
import type { StartGateway } from './gateway-handle';

const UPLOADS = 'uploads/';

/**
 * Starts two gateways with a common bucket, table, queue and engine, on the servers that jest.aws.config.js starts.
 * @param overrides settings of the gateways and of the engine
 */
export const startAwsGateways: StartGateway = async (overrides = {}) => {
  const name = `test-${randomUUID()}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'service-server-test-'));
  const running: Application[] = [];
  const close = async (): Promise<void> => {
    // In reverse order: the engine is needed until its gateways are closed.
    for (const application of running.reverse()) await application.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  const track = async (application: Promise<Application>): Promise<Application> => {
    running.push(await application);
    return application;
  };
  try {
    const engine = await track(startEngine(overrides));
    const settings = { ...awsSettings(name, overrides), DATA_DIR: dataDir, EXECUTION_ENGINE_URL: engine.url };
    const first = await track(listenGateway({ ...settings, ...overrides }));
    // Both use the same address in links, as behind a load balancer.
    const second = await track(listenGateway({ ...settings, PUBLIC_URL: first.url, ...overrides }));
    return {
      app: first.app,
      api: new Api(first.url, [second.url]),
      apis: [new Api(first.url), new Api(second.url)],
      dataDir,
      backend: 'aws',
      environment: ENVIRONMENT,
      close,
      uploads: () => keysUnder(name, UPLOADS),
    };
  } catch (error) {
    await close();
    throw error;
  }
};

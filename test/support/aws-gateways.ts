/** Two gateways that share a bucket, a table and an engine, on the servers that jest.aws.config.js starts. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from './api';
import { type Application, ENVIRONMENT, listenGateway, startEngine } from './applications';
import { awsSettings, keysUnder } from './aws';
import type { StartGateway } from './gateway-handle';

const UPLOADS = 'uploads/';

/** @param overrides settings of the gateways and of the engine */
export const startAwsGateways: StartGateway = async (overrides = {}) => {
  const name = `test-${randomUUID()}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'service-server-test-'));
  const running: Application[] = [];
  const close = async (): Promise<void> => {
    // Whoever was started last goes first: the engine outlives its gateways.
    for (const each of running.reverse()) await each.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  const started = async (application: Promise<Application>): Promise<Application> => {
    running.push(await application);
    return application;
  };
  try {
    const engine = await started(startEngine(overrides));
    const settings = { ...awsSettings(name, overrides), DATA_DIR: dataDir, EXECUTION_ENGINE_URL: engine.url };
    const first = await started(listenGateway({ ...settings, ...overrides }));
    // Behind one balancer both name one address in their links.
    const second = await started(listenGateway({ ...settings, PUBLIC_URL: first.url, ...overrides }));
    return {
      app: first.app,
      api: new Api(first.url, [second.url]),
      apis: [new Api(first.url), new Api(second.url)],
      ...{ dataDir, backend: 'aws', environment: ENVIRONMENT, close },
      uploads: () => keysUnder(name, UPLOADS),
    };
  } catch (error) {
    await close();
    throw error;
  }
};

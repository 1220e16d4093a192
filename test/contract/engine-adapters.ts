import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { readEnvironment } from '../../src/config/environment';
import { ExecutionSettings } from '../../src/config/settings';
import { EngineService } from '../../src/engine/engine.service';
import { createEngine } from '../../src/engine/http/start';
import { EmbeddedEngineClient } from '../../src/execution/engine-clients/embedded-engine.client';
import { HttpEngineClient } from '../../src/execution/engine-clients/http-engine.client';
import { ENGINE_WORK_DIR, startEngine } from '../support/gateway';
import type { EngineClientAdapter, EngineOverrides } from './engine.client.suite';

export const httpClient = (url: string): HttpEngineClient =>
  new HttpEngineClient(
    new HttpService(axios.create()),
    new ExecutionSettings(readEnvironment({ EXECUTION_ENGINE_URL: url })),
  );

export async function embeddedAdapter(overrides: EngineOverrides): Promise<EngineClientAdapter> {
  const app = await createEngine({
    LOG_LEVEL: 'silent',
    ENVIRONMENT: 'test',
    ENGINE_WORK_DIR,
    ...overrides,
  });
  await app.init();
  return { client: new EmbeddedEngineClient(app.get(EngineService)), close: () => app.close() };
}

export async function httpAdapter(overrides: EngineOverrides): Promise<EngineClientAdapter> {
  const engine = await startEngine(overrides);
  return { client: httpClient(engine.url), close: engine.close };
}

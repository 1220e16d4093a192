// Engines of the built service in this process.
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
require('reflect-metadata');
const { EngineService } = require('../../dist/engine/engine.service.js');
const { readEnvironment } = require('../../dist/config/environment.js');
const { EngineSettings } = require('../../dist/config/settings.js');

const POLL_MS = 2;
/** For the largest interpreter on a machine that is busy. */
const WAIT_MS_MAX = 30_000;

export async function startEngine(environment = {}) {
  const workDir = mkdtempSync(join(tmpdir(), 'service-server-bench-'));
  const settings = new EngineSettings(
    readEnvironment({ ...process.env, ENGINE_WORK_DIR: workDir, ...environment }),
    '127.0.0.1',
  );
  const engine = new EngineService(settings);
  await engine.onModuleInit();
  // Caches of compilers are filled in the background, for seconds.
  await engine.platform.toolchainCaches.allFilled();
  if (engine.state().isolation !== 'bubblewrap') throw new Error(engine.state().warning);
  let count = 0;

  /** @param sandbox what it must have found; anything without it */
  async function run(language, code, sandbox) {
    const request = {
      jobId: `bench-${(count += 1)}`,
      client: 'bench',
      language,
      code,
      input: '',
      timeoutMs: 5000,
    };
    const report = await engine.execute(request, {
      signal: new globalThis.AbortController().signal,
      onOutput: () => undefined,
    });
    if (report.verdict !== 'OK') throw new Error(`Not executed: ${JSON.stringify(report)}`);
    if (sandbox && count > 1 && report.sandbox !== sandbox)
      throw new Error(`Not ${sandbox}: ${report.sandbox}`);
  }

  /** Settles when a sandbox waits for the language. */
  async function waits(language) {
    const kind = language === 'c' ? 'empty' : language;
    for (let waited = 0; !(engine.state().warm[kind] > 0); waited += POLL_MS) {
      if (waited > WAIT_MS_MAX) throw new Error(`No sandbox waits for ${language}`);
      await delay(POLL_MS);
    }
  }

  const stop = async () => {
    await engine.drain(0);
    await engine.onApplicationShutdown();
    rmSync(workDir, { recursive: true, force: true });
  };
  return { run, waits, stop, installed: (language) => engine.platform.runtimes.get(language) };
}

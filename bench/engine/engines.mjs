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
/** Enough for the largest interpreter on a busy machine. */
const PREPARE_MS_MAX = 30_000;

/** Starts an engine of the built service in this process. */
export async function startEngine(environment = {}) {
  const workDir = mkdtempSync(join(tmpdir(), 'service-server-bench-'));
  const settings = new EngineSettings(
    readEnvironment({ ...process.env, ENGINE_WORK_DIR: workDir, ...environment }),
    '127.0.0.1',
  );
  const engine = new EngineService(settings);
  await engine.onModuleInit();
  // The toolchain caches are filled in the background, which takes seconds.
  await engine.platform.toolchainCaches.allFilled();
  if (engine.state().isolation !== 'bubblewrap') throw new Error(engine.state().warning);
  let count = 0;

  /** @param sandbox the expected kind of sandbox start; any by default */
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
    if (report.verdict !== 'OK') throw new Error(`The run failed: ${JSON.stringify(report)}`);
    if (sandbox && count > 1 && report.sandbox !== sandbox)
      throw new Error(`Expected a ${sandbox} sandbox, got ${report.sandbox}`);
  }

  /** Resolves when a sandbox is prepared for the language. */
  async function untilPrepared(language) {
    const kind = language === 'c' ? 'empty' : language;
    for (let waited = 0; !(engine.state().warm[kind] > 0); waited += POLL_MS) {
      if (waited > PREPARE_MS_MAX) throw new Error(`No sandbox was prepared for ${language}`);
      await delay(POLL_MS);
    }
  }

  const stop = async () => {
    await engine.drain(0);
    await engine.onApplicationShutdown();
    rmSync(workDir, { recursive: true, force: true });
  };
  return { run, untilPrepared, stop, installed: (language) => engine.platform.runtimes.get(language) };
}

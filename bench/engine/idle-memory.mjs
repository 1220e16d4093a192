import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../dist/engine/main.js');
const SAMPLES = 20;
const SAMPLE_MS = 250;

/**
 * Measures the resident memory of the engine's server without executions and without prepared sandboxes.
 * @returns the median, in MB
 */
export async function measureIdleMemory() {
  const workDir = mkdtempSync(join(tmpdir(), 'service-server-bench-'));
  const environment = { ENGINE_PORT: '0', ENGINE_WORK_DIR: workDir, ENGINE_WARM_MEMORY_MB: '0' };
  const server = spawn(process.execPath, [MAIN], {
    env: { ...process.env, ...environment, ENVIRONMENT: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await new Promise((resolve, reject) => {
      server.once('exit', () => reject(new Error('The engine did not start')));
      createInterface({ input: server.stdout }).on('line', (line) => /listens on/.test(line) && resolve());
    });
    const samples = [];
    while (samples.length < SAMPLES) {
      await delay(SAMPLE_MS);
      const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
      samples.push(Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) / 1000);
    }
    return samples.sort((a, b) => a - b)[SAMPLES / 2];
  } finally {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'close');
    rmSync(workDir, { recursive: true, force: true });
  }
}

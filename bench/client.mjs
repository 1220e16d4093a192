import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const JSON_BODY = { 'content-type': 'application/json' };

/** @returns once it listens: how long that took, its url, `call`, and `stop` */
export async function startService(environment = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'service-server-bench-'));
  const startedAt = performance.now();
  const server = spawn(process.execPath, [join(ROOT, 'dist/main.js')], {
    env: { ...process.env, DATA_DIR: dataDir, SERVER_PORT: '0', ENVIRONMENT: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    server.once('exit', () => reject(new Error('The service did not start')));
    createInterface({ input: server.stdout }).on('line', (line) => {
      const found = /listens on (http:\/\/[^\s"]+)/.exec(line)?.[1];
      if (found) resolve(found);
    });
  });
  const startMs = performance.now() - startedAt;
  const call = async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      ...(body && { headers: JSON_BODY, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const stop = async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'close');
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { startMs, url, call, stop };
}

/** Measures calls by name. `forget` drops the samples of the warm-up. */
export function stopwatch() {
  const samples = new Map();
  return {
    samples,
    async timed(name, work) {
      const startedAt = performance.now();
      const result = await work();
      samples.set(name, [...(samples.get(name) ?? []), performance.now() - startedAt]);
      return result;
    },
    forget: () => samples.clear(),
  };
}

/** @param q from 0 to 1 */
export const quantile = (list, q) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))];

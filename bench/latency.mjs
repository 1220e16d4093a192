// Latency of the built service on its embedded default, beside a bare start of the interpreter by this same process:
// absolute times are the machine's, the ratio is ours. Usage: npm run bench [-- ROUNDS]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.argv[2] ?? 200);
const WARM_UP_ROUNDS = 10;
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const JSON_BODY = { 'content-type': 'application/json' };

const dataDir = mkdtempSync(join(tmpdir(), 'service-server-bench-'));
const since = performance.now();
const server = spawn(process.execPath, [join(ROOT, 'dist/main.js')], {
  env: { ...process.env, DATA_DIR: dataDir, SERVER_PORT: '0', ENVIRONMENT: 'production' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise((resolve) => {
  createInterface({ input: server.stdout }).on('line', (line) => {
    const found = /listens on (http:\/\/[^\s"]+)/.exec(line)?.[1];
    if (found) resolve(found);
  });
});
const startMs = performance.now() - since;

const samples = { upload: [], status: [], execute: [], bare: [] };

async function timed(name, work) {
  const begun = performance.now();
  const result = await work();
  samples[name].push(performance.now() - begun);
  return result;
}

const call = async (method, path, body) => {
  const answer = await fetch(url + path, {
    method,
    ...(body && { headers: JSON_BODY, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};

async function bareStart() {
  const child = spawn('/usr/bin/python3', ['-u', '-B', '-c', 'print("hello")'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.stdout.resume();
  await once(child, 'close');
}

try {
  // Alternating, so that whatever else the machine does meets all alike.
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    if (round === 0) for (const list of Object.values(samples)) list.length = 0;
    const { job_id } = await timed('upload', () =>
      call('POST', '/api/upload', { language: 'python', code: 'print("hello")' }),
    );
    await timed('bare', bareStart);
    const job = await timed('execute', () => call('POST', `/api/execute/${job_id}`));
    if (job.stdout !== 'hello\n') throw new Error(`Not executed: ${JSON.stringify(job)}`);
    await timed('status', () => call('GET', `/api/status/${job_id}`));
  }
} finally {
  server.kill('SIGTERM');
  await once(server, 'close');
  rmSync(dataDir, { recursive: true, force: true });
}

const quantile = (list, q) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))];
const bare = quantile(samples.bare, 0.5);
console.log(`start until listening  ${startMs.toFixed(0)} ms`);
for (const [name, list] of Object.entries(samples)) {
  const [p50, p99] = [0.5, 0.99].map((q) => quantile(list, q));
  const ratio = (p50 / bare).toFixed(2);
  console.log(
    `${name.padEnd(8)} p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms   p50 / bare start ${ratio}`,
  );
}

// Measures the latency of the built service with embedded storage, compared with a bare start of the interpreter by this
// process. Compare the ratios; absolute times depend on the machine.
// Usage: npm run bench [-- ROUNDS]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { quantile, startService, stopwatch } from './client.mjs';

const ROUNDS = Number(process.argv[2] ?? 200);
const WARM_UP_ROUNDS = 10;

const { startMs, call, stop } = await startService();
const { samples, timed, forget } = stopwatch();

async function bareStart() {
  const child = spawn('/usr/bin/python3', ['-u', '-B', '-c', 'print("hello")'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.stdout.resume();
  await once(child, 'close');
}

try {
  // The calls alternate, so that other load on the machine affects all of them.
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    if (round === 0) forget();
    const { job_id } = await timed('upload', () =>
      call('POST', '/api/upload', { language: 'python', code: 'print("hello")' }),
    );
    await timed('bare', bareStart);
    const job = await timed('execute', () => call('POST', `/api/execute/${job_id}`));
    if (job.stdout !== 'hello\n') throw new Error(`The run failed: ${JSON.stringify(job)}`);
    await timed('status', () => call('GET', `/api/status/${job_id}`));
  }
} finally {
  await stop();
}

const bare = quantile(samples.get('bare'), 0.5);
console.log(`start until listening  ${startMs.toFixed(0)} ms`);
for (const [name, list] of samples) {
  const [p50, p99] = [0.5, 0.99].map((q) => quantile(list, q));
  const ratio = (p50 / bare).toFixed(2);
  console.log(
    `${name.padEnd(8)} p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms   p50 / bare start ${ratio}`,
  );
}

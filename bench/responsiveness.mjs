// Latency of the built service while other clients use it. Each figure is printed beside a reference from the same run:
// absolute times depend on the machine, ratios on the service. Usage: npm run bench:responsiveness [-- ROUNDS]
import { setTimeout as delay } from 'node:timers/promises';
import { TextDecoder } from 'node:util';
import { quantile, startService, stopwatch } from './client.mjs';

const ROUNDS = Number(process.argv[2] ?? 20);
/** Health requests in each of the two phases, one every 5 ms, as a load balancer would send them. */
const HEALTH_REQUESTS = ROUNDS * 25;
const HEALTH_INTERVAL_MS = 5;
/** Clients that run misbehaving programs: more than there are slots, so that some executions always wait. */
const CLIENTS = 6;
const READERS = 20;

const MISBEHAVING = [
  ['python', 'while True: pass'],
  ['javascript', 'for (;;);'],
  ['bash', 'bomb() { bomb | bomb & wait; }; bomb 2> /dev/null; sleep 60'],
  ['perl', 'fork while 1'],
  ['python', 'while True: print("x" * 9999)'],
  ['bash', 'yes'],
];

const { samples, timed } = stopwatch();
const { url, call, stop } = await startService();
const upload = async (language, code) => (await call('POST', '/api/upload', { language, code })).job_id;
const health = () => call('GET', '/api/health/live');

try {
  await health();
  await measureHealth('health, idle');
  await whileProgramsMisbehave(() => measureHealth('health, under load'));
  for (let round = 0; round < ROUNDS; round += 1) {
    await measureCancel();
    await measureLiveOutput();
  }
} finally {
  await stop();
}
await measureShutdown('shutdown, no readers', 0);
await measureShutdown('shutdown, readers', READERS);

const p = (name, q) => quantile(samples.get(name), q);
print('health under load / idle, p50', p('health, under load', 0.5), p('health, idle', 0.5));
print('health under load / idle, p99', p('health, under load', 0.99), p('health, idle', 0.99));
print('cancel of a running program / read of its status, p50', p('cancel', 0.5), p('status', 0.5));
print('output from print to client / read of the status, p50', p('live output', 0.5), p('status', 0.5));
print(
  `shutdown with ${READERS} event streams / without`,
  p('shutdown, readers', 0.5),
  p('shutdown, no readers', 0.5),
);

function print(name, measured, reference) {
  const ratio = (measured / reference).toFixed(2);
  console.log(
    `${name.padEnd(56)} ${measured.toFixed(1).padStart(8)} ms / ${reference.toFixed(1).padStart(6)} ms = ${ratio}`,
  );
}

async function measureHealth(name) {
  for (let request = 0; request < HEALTH_REQUESTS; request += 1) {
    await timed(name, health);
    await delay(HEALTH_INTERVAL_MS);
  }
}

async function whileProgramsMisbehave(measure) {
  const idleJobs = await Promise.all(MISBEHAVING.map(([language, code]) => upload(language, code)));
  let isMeasured = false;
  const client = async () => {
    while (!isMeasured) {
      const jobId = idleJobs.shift();
      await call('POST', `/api/execute/${jobId}`, { timeout: 700 });
      idleJobs.push(jobId);
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  await measure();
  isMeasured = true;
  await Promise.all(clients);
}

/** From the request until the response, which comes when every process of the program has ended. */
async function measureCancel() {
  const jobId = await upload('bash', 'echo started; sleep 60');
  const events = await openEvents(url, jobId);
  const execution = call('POST', `/api/execute/${jobId}`);
  await events.until('stdout');
  await timed('status', () => call('GET', `/api/status/${jobId}`));
  await timed('cancel', () => call('POST', `/api/cancel/${jobId}`));
  await execution;
  await events.close();
}

/** From the moment that a program prints until a client has the line; both read the clock of this machine. */
async function measureLiveOutput() {
  const jobId = await upload('python', 'import time\nprint(time.time() * 1000, flush=True)\ntime.sleep(0.1)');
  const events = await openEvents(url, jobId);
  const execution = call('POST', `/api/execute/${jobId}`);
  const { data } = await events.until('stdout');
  const delays = samples.get('live output') ?? [];
  samples.set('live output', [...delays, Date.now() - Number(data.data)]);
  await execution;
  await events.close();
}

async function measureShutdown(name, readers) {
  const service = await startService();
  const { job_id } = await service.call('POST', '/api/upload', { language: 'bash', code: 'echo' });
  const streams = await Promise.all(Array.from({ length: readers }, () => openEvents(service.url, job_id)));
  await Promise.all(streams.map((stream) => stream.until('status')));
  await timed(name, service.stop);
}

/** A client of the Server-Sent Events of a job. */
async function openEvents(base, jobId) {
  const response = await fetch(`${base}/api/jobs/${jobId}/events`);
  if (!response.ok) throw new Error(`No events: ${response.status}`);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  return {
    async until(name) {
      for (;;) {
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const event = text.slice(0, end);
          text = text.slice(end + 2);
          const data = /^data: ?(.*)$/m.exec(event)?.[1];
          if (new RegExp(`^event: ?${name}$`, 'm').test(event)) return { data: JSON.parse(data) };
        }
        const { done, value } = await reader.read();
        if (done) throw new Error(`The events ended before ${name}`);
        text += decoder.decode(value, { stream: true });
      }
    },
    close: () => reader.cancel(),
  };
}

/** Measures how fast a server answers, from a process of its own: what delays a test must not count as the server's. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Latencies {
  /** How many answers were not 200. */
  readonly failures: number;
  /** ms */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** One request after the other on one connection, as a balancer asks for health. */
const SCRIPT = `
const http = require('node:http');
const [url, count] = [process.argv[1], Number(process.argv[2])];
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const ask = () => new Promise((resolve, reject) => {
  http.get(url, { agent }, (answer) => answer.resume().on('end', () => resolve(answer.statusCode))).on('error', reject);
});
(async () => {
  const times = [];
  let failures = 0;
  await ask();
  for (let n = 0; n < count; n++) {
    const begun = performance.now();
    if ((await ask()) !== 200) failures++;
    times.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(count - 1, Math.floor(count * share))];
  console.log(JSON.stringify({ failures, p50: at(0.5), p99: at(0.99), max: at(1) }));
})();
`;

export async function measureLatency(url: string, requests: number): Promise<Latencies> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', SCRIPT, url, requests.toString()]);
  return JSON.parse(stdout) as Latencies;
}

// Compares the storage backends: the latency of upload, status and list, and the requests that AWS would bill for one
// upload, execute and status. The backends alternate. S3 and DynamoDB are the emulators of the tests on this machine, so the
// network latency of AWS is not included.
// Usage: npm run bench:storage [-- ROUNDS]
import { installServers, startServers } from '../scripts/aws-servers.mjs';
import { startBillingProxy } from './billing-proxy.mjs';
import { quantile, startService, stopwatch } from './client.mjs';

const ROUNDS = Number(process.argv[2] ?? 200);
const WARM_UP_ROUNDS = 20;
const HELLO = { language: 'python', code: 'print("hello")' };

installServers();
const servers = await startServers();
const [s3, dynamo] = await Promise.all([
  startBillingProxy(servers.s3Url),
  startBillingProxy(servers.dynamoUrl),
]);
const aws = (s3Url, dynamoUrl) => ({
  STORAGE_BACKEND: 'aws',
  ENVIRONMENT: 'development',
  AWS_BOOTSTRAP: 'true',
  AWS_ENDPOINT_URL_S3: s3Url,
  AWS_ENDPOINT_URL_DYNAMODB: dynamoUrl,
  AWS_ENDPOINT_URL_SQS: servers.sqsUrl,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
});
const services = [
  ['embedded', await startService()],
  ['aws', await startService(aws(servers.s3Url, servers.dynamoUrl))],
];
const billed = await startService(aws(s3.url, dynamo.url));
const { samples, timed, forget } = stopwatch();
const [bills, listBills] = [[], []];
/** Returns and clears what has been billed. */
const takeBills = (proxy) => proxy.bills.splice(0);

try {
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    if (round === 0) forget();
    for (const [name, { call }] of services) {
      const { job_id } = await timed(`${name} upload`, () => call('POST', '/api/upload', HELLO));
      await timed(`${name} status`, () => call('GET', `/api/status/${job_id}`));
      await timed(`${name} list of 100`, () => call('GET', '/api/jobs?limit=100'));
    }
  }
  for (const proxy of [s3, dynamo]) takeBills(proxy);
  const { job_id } = await billed.call('POST', '/api/upload', HELLO);
  const job = await billed.call('POST', `/api/execute/${job_id}`);
  if (job.stdout !== 'hello\n') throw new Error(`The run failed: ${JSON.stringify(job)}`);
  await billed.call('GET', `/api/status/${job_id}`);
  bills.push(...takeBills(dynamo), ...takeBills(s3));
  await billed.call('GET', '/api/jobs?limit=100');
  listBills.push(...takeBills(dynamo));
} finally {
  for (const { stop } of [...services.map(([, service]) => service), billed]) await stop();
  for (const proxy of [s3, dynamo]) proxy.close();
  await servers.stop();
}

for (const [name, list] of samples) {
  const [p50, p99] = [0.5, 0.99].map((q) => quantile(list, q).toFixed(2));
  const base = quantile(samples.get(name.replace(/^aws/, 'embedded')), 0.5);
  const ratio = (quantile(list, 0.5) / base).toFixed(2);
  console.log(`${name.padEnd(21)} p50 ${p50} ms   p99 ${p99} ms   p50 / embedded ${ratio}`);
}
console.log('billed for one upload, execute and status:');
for (const { call, units } of bills) console.log(`  ${call.padEnd(20)} ${units}`);
const units = listBills.reduce((sum, bill) => sum + bill.units, 0);
console.log(`billed for a list of 100: ${listBills.length} queries, ${units} read units`);

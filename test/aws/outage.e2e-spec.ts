import { randomUUID } from 'node:crypto';
import type { JobBody } from '../support/api';
import { keysUnder } from '../support/aws';
import type { Call, Fault } from './fault-proxy';
import { type FaultyGateway, startFaultyGateway } from './faulty-gateway';

const UNAVAILABLE = { status: 503, body: { code: 'storage-unavailable' } };
const isOfS3 = ({ service }: Call): boolean => service === 'S3';
/** The throttling error of each service. */
const THROTTLED = {
  S3: { status: 503, name: 'SlowDown' },
  DynamoDB: { status: 400, name: 'ProvisionedThroughputExceededException' },
  SQS: { status: 400, name: 'RequestThrottled' },
};
const throttle = ({ service }: Call): Fault => THROTTLED[service];

const FAULTS: readonly (readonly [string, (call: Call) => Fault])[] = [
  ['that resets connections', () => 'reset before'],
  ['that throttles', throttle],
];

describe.each(FAULTS)('a storage %s', (_name, failureOf) => {
  let gateway: FaultyGateway;
  beforeAll(async () => {
    gateway = await startFaultyGateway();
  });
  afterEach(() => gateway.heal());
  afterAll(() => gateway.close());

  it.each([
    ['S3', 's3', ['dynamodb', 'sqs']],
    ['DynamoDB', 'dynamodb', ['s3', 'sqs']],
    ['SQS', 'sqs', ['dynamodb', 's3']],
  ])('is reported by health: only %s is down', async (service, down, up) => {
    const { api } = gateway;
    gateway.fail((call) => (call.service === service ? failureOf(call) : undefined));
    for (const path of ['/api/health', '/api/health/ready']) {
      expect(await api.get(path)).toMatchObject({
        status: 503,
        body: {
          error: { [down]: { status: 'down', backend: 'aws', message: expect.any(String) as string } },
          info: Object.fromEntries([...up, 'engine'].map((part) => [part, { status: 'up' }])),
        },
      });
    }
    expect((await api.get('/api/health/live')).status).toBe(200);
    await gateway.heal();
    expect(await api.get('/api/health')).toMatchObject({ status: 200 });
  });

  it('rejects an upload without S3 and creates no job', async () => {
    const { api } = gateway;
    const project = randomUUID();
    gateway.fail((call) => (isOfS3(call) ? failureOf(call) : undefined));
    expect(await api.post('/api/upload', { language: 'bash', code: 'echo', project })).toMatchObject(
      UNAVAILABLE,
    );
    const { body } = await api.get<{ jobs: JobBody[] }>(`/api/jobs?project=${project}`);
    expect(body.jobs).toEqual([]);
  });
});

describe('a DynamoDB that throttles', () => {
  let gateway: FaultyGateway;
  beforeAll(async () => {
    gateway = await startFaultyGateway();
  });
  afterAll(() => gateway.close());

  // First, while no earlier test has throttled this gateway.
  it('does not slow down the calls after a throttled one', async () => {
    const { api } = gateway;
    const jobId = await api.upload('bash', 'echo');
    const before = await medianMs(CALLS, () => api.status(jobId));
    let calls = 0;
    gateway.fail((call) => (call.name === 'GetItem' && (calls += 1) === 1 ? throttle(call) : undefined));
    await api.status(jobId);
    expect(calls).toBeGreaterThan(1);
    const after = await medianMs(CALLS, () => api.status(jobId));
    expect(after / before).toBeLessThan(SLOWDOWN_MAX);
  });

  it('leaves no code of an upload whose job was not created', async () => {
    const before = await keysUnder(gateway.name, 'uploads/');
    gateway.fail((call) => (call.name === 'PutItem' ? throttle(call) : undefined));
    const upload = await gateway.api.post('/api/upload', { language: 'bash', code: 'echo' });
    expect(upload).toMatchObject(UNAVAILABLE);
    expect(await keysUnder(gateway.name, 'uploads/')).toEqual(before);
    await gateway.heal();
  });
});

const CALLS = 20;
/** A call takes about 5 ms; under the SDK's adaptive rate limit it would take hundreds. */
const SLOWDOWN_MAX = 10;

async function medianMs(count: number, call: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    await call();
    durations.push(performance.now() - startedAt);
  }
  return durations.sort((one, other) => one - other)[Math.floor(count / 2)] ?? 0;
}

describe('a result that cannot be stored at first', () => {
  let gateway: FaultyGateway;
  beforeAll(async () => {
    gateway = await startFaultyGateway();
  });
  afterAll(() => gateway.close());

  // UpdateItem starts an attempt, and UpdateItem completes it.
  it.each([
    ['PUT logs', 1],
    ['UpdateItem', 2],
  ])('is stored later: %s fails with all its attempts', async (name, nth) => {
    const { api } = gateway;
    const jobId = await api.upload('bash', 'echo ran');
    const calls: string[] = [];
    gateway.fail((call) => {
      if (call.name !== name) return undefined;
      if (!calls.includes(call.id)) calls.push(call.id);
      return calls.indexOf(call.id) === nth - 1 ? 'reset before' : undefined;
    });
    expect(await api.execute(jobId)).toMatchObject({ status: 'SUCCESS', attempt: 1, stdout: 'ran\n' });
    expect(calls).toHaveLength(nth + 1);
    expect((await api.get(`/api/jobs/${jobId}/logs`)).body).toBe('ran\n');
    await gateway.heal();
  });
});

describe('the number of attempts at a call', () => {
  it.each(['1', '2', '5'])('is AWS_MAX_ATTEMPTS: %s', async (AWS_MAX_ATTEMPTS) => {
    const gateway = await startFaultyGateway({ AWS_MAX_ATTEMPTS });
    const jobId = await gateway.api.upload('bash', 'echo');
    let attempts = 0;
    gateway.fail((call) => {
      attempts = call.attempt;
      return 'reset before';
    });
    expect(await gateway.api.get(`/api/status/${jobId}`)).toMatchObject(UNAVAILABLE);
    expect(attempts).toBe(Number(AWS_MAX_ATTEMPTS));
    await gateway.close();
  });
});

describe('a service that is stopped while its storage is unavailable', () => {
  it('does not wait for all retries of a result that it cannot store', async () => {
    // With the default timeouts the retries alone take more than a minute.
    const gateway = await startFaultyGateway({ AWS_REQUEST_TIMEOUT: '3000', AWS_MAX_ATTEMPTS: '4' });
    const jobId = await gateway.api.upload('bash', 'sleep 100');
    const execution = gateway.api.post(`/api/execute/${jobId}`).catch(() => undefined);
    await gateway.api.waitForStatus(jobId, 'RUNNING');
    gateway.fail(() => 'silent');
    await gateway.close();
    await execution;
  }, 30_000);
});

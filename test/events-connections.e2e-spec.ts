import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OutputChunk } from '../src/engine-contract/report';
import { StorageUnavailableError } from '../src/common/problems/storage-unavailable.error';
import { EventStreams } from '../src/execution/events/event-streams';
import { LiveOutputRegistry } from '../src/execution/attempts/live-output';
import { JobWatcher } from '../src/jobs/job-watcher';
import { LogRepository } from '../src/jobs/log.repository';
import type { Api } from './support/api';
import { startExecution } from './support/start-execution';
import { describeEachDeployment } from './support/each-deployment';
import {
  CutOffError,
  EventStream,
  type JobEvent,
  allEvents,
  eventsUntil,
  isOutput,
  isResult,
  isStatus,
  textOf,
} from './support/event-stream';
import { type Gateway, startGateway } from './support/gateway';
import { expectProblem } from './support/problem';

const ASYNC = { headers: { prefer: 'respond-async' } };
const ORIGIN = 'https://pages.example';
/** Milliseconds. */
const HEARTBEAT = 100;
const STALL = 2000;
const SETTINGS = {
  CORS_ORIGINS: ORIGIN,
  EVENTS_HEARTBEAT: HEARTBEAT.toString(),
  EVENTS_STALL_MAX: STALL.toString(),
  ENGINE_OUTPUT_MAX_BYTES: (64 * 1024 * 1024).toString(),
  WORKER_CONCURRENCY: '1',
};
/** More than the kernel buffers for a connection that is not read. */
const FLOOD_MB = 40;
const FLOOD = `import sys
for n in range(${FLOOD_MB.toString()}): sys.stdout.write("x" * (1 << 20))
`;
const READERS = 200;

/** What the process holds for its open event streams. */
function heldBy(app: NestFastifyApplication): Record<string, number> {
  return {
    streams: app.get(EventStreams)['open'].size,
    watches: app.get(JobWatcher)['watchedJobs'].size,
    waiting: app.get(LiveOutputRegistry)['openings'].size,
    outputs: app.get(LiveOutputRegistry)['outputs'].size,
  };
}
const NOTHING = { streams: 0, watches: 0, waiting: 0, outputs: 0 };

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Node's warnings about too many listeners. */
const warnings: Error[] = [];
const onWarning = (warning: Error): void => {
  if (warning.name === 'MaxListenersExceededWarning') warnings.push(warning);
};
beforeAll(() => {
  process.on('warning', onWarning);
});
afterAll(() => {
  process.off('warning', onWarning);
});

describeEachDeployment(SETTINGS, (gateway) => {
  let api: Api;
  let urls: string[];
  let other: string;
  beforeEach(() => {
    const { apis } = gateway();
    [api] = apis as [Api];
    urls = apis.map(({ url }) => url);
    other = urls.at(-1) ?? '';
  });
  /** Whatever was read, and however it ended, nothing is left of it. */
  afterEach(async () => {
    const { app } = gateway();
    await until(() => JSON.stringify(heldBy(app)) === JSON.stringify(NOTHING));
    expect(warnings).toEqual([]);
  });

  it('has headers against buffering, and the headers of every response, also for other origins', async () => {
    const jobId = await api.upload('bash', 'echo');
    const headers = { origin: ORIGIN, 'x-request-id': 'mine' };
    const stream = await EventStream.open(api.url, jobId, { headers });
    expect([stream.status, stream.headers]).toMatchObject([
      200,
      {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
        'x-request-id': 'mine',
        'access-control-allow-origin': ORIGIN,
        'access-control-expose-headers': expect.stringContaining('X-Request-Id') as string,
        'x-content-type-options': 'nosniff',
      },
    ]);
    expect(stream.headers).not.toHaveProperty('content-encoding');
    await eventsUntil(stream[Symbol.asyncIterator](), isStatus);
    expect([stream.comments[0], stream.retryMs]).toEqual(['heartbeat', 1000]);
    stream.close();

    const head = await api.request('HEAD', `/api/jobs/${jobId}/events`);
    expect([head.status, head.headers.get('content-type'), head.body]).toEqual([
      200,
      'text/event-stream',
      '',
    ]);
    const preflight = await api.request('OPTIONS', `/api/jobs/${jobId}/events`, {
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'last-event-id',
      },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'last-event-id',
    ]);
  });

  it('sends heartbeats while there are no events', async () => {
    const jobId = await api.upload('bash', 'sleep 1; echo done');
    const stream = await EventStream.open(other, jobId);
    const reader = stream[Symbol.asyncIterator]();
    await eventsUntil(reader, isStatus);
    const rest = eventsUntil(reader, isResult);
    await until(() => stream.comments.length > 5);
    await api.execute(jobId);
    expect(textOf(await rest)).toBe('done\n');
    expect(new Set(stream.comments)).toEqual(new Set(['heartbeat']));
  });

  it('closes the connection of a client that does not read: other clients are not delayed, and it can reconnect without loss', async () => {
    const jobId = await api.upload('python', FLOOD);
    const slow = await EventStream.open(api.url, jobId);
    const reader = slow[Symbol.asyncIterator]();
    const seen = await eventsUntil(reader, isStatus);
    slow.pause();
    const quick = allEvents(api.url, jobId);
    const job = await api.execute(jobId, { timeout: 20_000 });
    expect(job).toMatchObject({ status: 'SUCCESS', stdout_bytes: FLOOD_MB * 1024 * 1024 });
    expect(textOf(await quick)).toHaveLength(FLOOD_MB * 1024 * 1024);
    // The run has ended, its reader has all: the only stream that may be left is the slow one, and it goes.
    await until(() => heldBy(gateway().app)['streams'] === 0);
    slow.resume();
    await expect(
      (async () => {
        for await (const event of { [Symbol.asyncIterator]: () => reader }) seen.push(event);
      })(),
    ).rejects.toThrow(CutOffError);
    seen.push(...(await allEvents(other, jobId, { after: seen.at(-1)?.id })));
    const outputs = seen.filter(isOutput);
    expect(outputs.map(({ data }) => data.seq)).toEqual(outputs.map((_, index) => index));
    expect(textOf(seen)).toHaveLength(FLOOD_MB * 1024 * 1024);
    expect(seen.at(-1)).toMatchObject({ name: 'result' });
  }, 60_000);

  it('releases everything when clients disconnect before or during the execution, and serves the others', async () => {
    const waiting = await api.upload('bash', 'echo');
    const { jobId, execution } = await startExecution(api, 'bash', 'echo started; sleep MARKER');
    const open = (url: string, id: string) =>
      Promise.all(Array.from({ length: READERS / 2 }, () => EventStream.open(url, id)));
    const streams = [
      await open(api.url, waiting),
      await open(api.url, jobId),
      await open(other, jobId),
    ].flat();
    const staying = allEvents(other, jobId);
    await Promise.all(streams.map((stream) => eventsUntil(stream[Symbol.asyncIterator](), isStatus)));
    expect(heldBy(gateway().app)['streams']).toBeGreaterThanOrEqual(READERS);
    for (const stream of streams) stream.close();
    await until(() => (heldBy(gateway().app)['streams'] ?? 0) <= 1);
    expect(heldBy(gateway().app)['watches']).toBe(0);
    await api.post(`/api/cancel/${jobId}`);
    await execution;
    expect((await staying).at(-1)).toMatchObject({ name: 'result', data: { status: 'CANCELLED' } });
    expect(textOf(await staying)).toBe('started\n');
  }, 60_000);

  it('sends no output of the previous execution for a job that is cancelled in the queue', async () => {
    const jobId = await api.upload('bash', 'echo ran');
    await api.execute(jobId);
    const before = (await allEvents(other, jobId)).at(-1)?.id;
    const blocking = await Promise.all(urls.map(() => api.upload('bash', 'sleep 1000')));
    for (const id of [...blocking, jobId]) await api.request('POST', `/api/execute/${id}`, { ...ASYNC });
    for (const id of blocking) await api.waitForStatus(id, 'RUNNING');

    const stream = await EventStream.open(other, jobId, { after: before });
    const reader = stream[Symbol.asyncIterator]();
    const [queued] = (await eventsUntil(reader, isStatus)).slice(-1);
    expect(queued).toMatchObject({ data: { status: 'QUEUED', attempt: 1 } });
    await api.post(`/api/cancel/${jobId}`);
    const [result] = (await eventsUntil(reader, isResult)).slice(-1);
    expect(result).toMatchObject({ data: { status: 'CANCELLED', attempt: 1 } });
    for (const after of [undefined, before, queued?.id]) {
      expect(await allEvents(other, jobId, { after })).toEqual([result]);
    }
    expect((await EventStream.open(other, jobId, { after: result?.id })).status).toBe(204);
    for (const id of blocking) await api.post(`/api/cancel/${id}`);
  });

  it('serves a peer only if the program runs in this process', async () => {
    const headers = { 'x-service-server-peer': '1' };
    const { jobId, execution } = await startExecution(api, 'bash', 'echo started; sleep MARKER');
    const [, ...others] = urls;
    for (const url of others) {
      const refused = await EventStream.open(url, jobId, { headers });
      expect([refused.status, JSON.parse(await refused.text())]).toMatchObject([
        404,
        { code: 'logs-not-found' },
      ]);
    }
    const events = allEvents(api.url, jobId, { headers });
    await api.post(`/api/cancel/${jobId}`);
    await execution;
    expect(textOf(await events)).toBe('started\n');
    expect((await events).at(-1)).toMatchObject({ name: 'result', data: { status: 'CANCELLED' } });
    expectProblem(await api.get(`/api/jobs/${jobId}/events`, headers), 404, 'logs-not-found');
  });
});

describe('An event stream when the storage fails', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  }, 60_000);
  afterAll(() => gateway.close());
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('returns a problem before the first event, and later closes a connection that can be resumed', async () => {
    const { app, apis } = gateway;
    const [api] = apis as [Api];
    const jobId = await api.upload(
      'python',
      'for n in range(5): print(n, flush=True); __import__("time").sleep(0.05)',
    );
    await api.execute(jobId);
    const all = await allEvents(api.url, jobId);

    const logs = app.get(LogRepository);
    const stored = logs.get.bind(logs);
    const path = `/api/jobs/${jobId}/events`;
    jest.spyOn(logs, 'get').mockRejectedValueOnce(new StorageUnavailableError(new Error('down')));
    expectProblem(await api.get(path), 503, 'storage-unavailable', path);

    jest.spyOn(logs, 'get').mockImplementationOnce(async (...of) => failing(await stored(...of)));
    const seen: JobEvent[] = [];
    await expect(
      (async () => {
        for await (const event of await EventStream.open(api.url, jobId)) seen.push(event);
      })(),
    ).rejects.toThrow(CutOffError);
    expect(seen).toEqual(all.slice(0, 2));
    expect(await allEvents(api.url, jobId, { after: seen.at(-1)?.id })).toEqual(all.slice(2));
  });
});

/** Fails after its second chunk, when the first two have been sent. */
async function* failing(chunks: AsyncIterable<OutputChunk> | undefined): AsyncGenerator<OutputChunk> {
  for await (const chunk of chunks ?? []) {
    if (chunk.seq === 2) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new StorageUnavailableError(new Error('down'));
    }
    yield chunk;
  }
}

describe('An event stream when the service stops', () => {
  it('ends at once for a job that is queued', async () => {
    const gateway = await startGateway();
    const jobId = await gateway.api.upload('bash', 'echo');
    const readers = await Promise.all(
      Array.from({ length: 20 }, async () =>
        (await EventStream.open(gateway.api.url, jobId))[Symbol.asyncIterator](),
      ),
    );
    await Promise.all(readers.map((reader) => eventsUntil(reader, isStatus)));
    const ended = Promise.all(readers.map((reader) => reader.next()));
    await gateway.close();
    for (const next of await ended) expect(next).toMatchObject({ done: true });
  });

  it('ends after the result of an execution that ends within the shutdown grace', async () => {
    const gateway = await startGateway({ SHUTDOWN_GRACE: '15000' });
    const { api } = gateway;
    const jobId = await api.upload('bash', 'echo started; sleep 1; echo done');
    const reader = (await EventStream.open(api.url, jobId))[Symbol.asyncIterator]();
    const execution = api.execute(jobId);
    const started: JobEvent[] = await eventsUntil(reader, isOutput);
    const closed = gateway.close();
    expect(textOf([...started, ...(await eventsUntil(reader, isResult))])).toBe('started\ndone\n');
    await execution;
    await closed;
  });
});

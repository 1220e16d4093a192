import { once } from 'node:events';
import { type IncomingMessage, type Server, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { S3ObjectStore } from '../../src/storage/aws/s3-object.store';
import { S3LogRepository } from '../../src/storage/aws/s3-log.repository';
import { newJob } from '../contract/job.fixture';
import { withS3 } from '../support/aws';
import { type Storage, createStorage, openStorage } from './storage';

const KEY = 'uploads/01935d2e-7c1a-7000-8000-000000000000.py';
const CODE = 'print("é")';

interface RecordingProxy {
  readonly server: Server;
  readonly url: string;
  readonly heads: readonly IncomingMessage[];
  readonly bodies: readonly string[];
}

/** Forwards all requests and records them. */
async function startRecordingProxy(upstream: string): Promise<RecordingProxy> {
  const heads: IncomingMessage[] = [];
  const bodies: string[] = [];
  const server = createServer((incoming, outgoing) => {
    heads.push(incoming);
    void buffer(incoming).then(async (body) => {
      bodies.push(body.toString('latin1'));
      const { method, headers } = incoming;
      const sent = request(new URL(incoming.url ?? '/', upstream), { method, headers, agent: false });
      const [response] = (await once(sent.end(body), 'response')) as [IncomingMessage];
      response.pipe(outgoing.writeHead(response.statusCode ?? 0, response.rawHeaders));
    });
  });
  // Only the client closes idle connections, not this server after its default of 5 s.
  server.keepAliveTimeout = 0;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`,
    heads,
    bodies,
  };
}

describe('code in S3', () => {
  let storage: Storage;
  let code: S3ObjectStore;
  const at = (): { Bucket: string; Key: string } => ({ Bucket: storage.settings.bucket, Key: KEY });
  beforeEach(async () => {
    storage = await createStorage();
    code = new S3ObjectStore(storage.settings, storage.clients, storage.calls);
  });

  it('is written only if the object does not exist, with a checksum that S3 verifies', async () => {
    const tap = await startRecordingProxy(storage.settings.s3EndpointUrl ?? '');
    const { settings, clients, calls } = openStorage(storage.settings.bucket, {
      AWS_ENDPOINT_URL_S3: tap.url,
    });
    const tapped = new S3ObjectStore(settings, clients, calls);
    await tapped.put(KEY, CODE, 'python');
    expect(tap.heads.map(({ method, headers }) => [method, headers['if-none-match']])).toEqual([
      ['PUT', '*'],
    ]);
    expect(tap.heads[0]?.headers['x-amz-checksum-sha256']).toMatch(/^[\w+/]{43}=$/);
    clients.onApplicationShutdown();
    tap.server.close();
    await once(tap.server, 'close');
  });

  it('has a content type, and its language and digest as metadata', async () => {
    await code.put(KEY, CODE, 'python');
    const head = await withS3((s3) => s3.send(new HeadObjectCommand(at())));
    expect(head).toMatchObject({
      ContentType: 'text/plain; charset=utf-8',
      ContentLength: Buffer.byteLength(CODE),
      Metadata: { language: 'python', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
  });

  it('is rejected on read when it does not match its digest', async () => {
    await code.put(KEY, CODE, 'python');
    const { Metadata } = await withS3((s3) => s3.send(new HeadObjectCommand(at())));
    await withS3((s3) => s3.send(new PutObjectCommand({ ...at(), Body: 'print("e")', Metadata })));
    await expect(code.get(KEY)).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  it('fails to load when it arrives too slowly', async () => {
    const server = createServer((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '1000' });
      const timer = setInterval(() => outgoing.write('x'), 100);
      outgoing.once('close', () => {
        clearInterval(timer);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { settings, clients, calls } = openStorage(storage.settings.bucket, {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`,
      AWS_REQUEST_TIMEOUT: '500',
      AWS_MAX_ATTEMPTS: '2',
    });
    const slow = new S3ObjectStore(settings, clients, calls);
    await expect(slow.get(KEY)).rejects.toMatchObject({ code: 'storage-unavailable' });
    clients.onApplicationShutdown();
    server.close();
  });

  it('is rejected on read and never overwritten when another client wrote it', async () => {
    await withS3((s3) => s3.send(new PutObjectCommand({ ...at(), Body: CODE })));
    await expect(code.get(KEY)).rejects.toMatchObject({ code: 'storage-unavailable' });
    await expect(code.put(KEY, CODE, 'python')).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});

describe('a job in DynamoDB', () => {
  it('is read consistently and listed from the index', async () => {
    const { settings } = await createStorage();
    const tap = await startRecordingProxy(settings.dynamodbEndpointUrl ?? '');
    const tapped = openStorage(settings.table, { AWS_ENDPOINT_URL_DYNAMODB: tap.url });
    const jobs = new DynamoJobRepository(tapped.settings, tapped.clients, tapped.calls);
    await jobs.find(newJob().jobId);
    await jobs.list({}, 10, undefined);
    const [find, ...queries] = tap.bodies.map((body) => JSON.parse(body) as Record<string, unknown>);
    expect(find).toMatchObject({ ConsistentRead: true });
    expect(queries).toHaveLength(settings.listShards);
    for (const query of queries) expect(query).toMatchObject({ IndexName: 'jobs_by_bucket' });
    tapped.clients.onApplicationShutdown();
    tap.server.close();
  });
});

describe('the adapters', () => {
  it('reuse connections and close them when the service stops', async () => {
    const { settings } = await createStorage();
    const taps = await Promise.all(
      [settings.s3EndpointUrl, settings.dynamodbEndpointUrl].map((url) => startRecordingProxy(url ?? '')),
    );
    const [s3, dynamo] = taps.map(({ url }) => url);
    const tapped = openStorage(settings.bucket, {
      AWS_ENDPOINT_URL_S3: s3 ?? '',
      AWS_ENDPOINT_URL_DYNAMODB: dynamo ?? '',
    });
    const [code, logs, jobs] = [S3ObjectStore, S3LogRepository, DynamoJobRepository].map(
      (Adapter) => new Adapter(tapped.settings, tapped.clients, tapped.calls),
    ) as [S3ObjectStore, S3LogRepository, DynamoJobRepository];
    const job = newJob();
    await code.put(job.s3Key, CODE, 'python');
    await jobs.create(job);
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await code.get(job.s3Key);
      await logs.put(job.jobId, attempt, [{ seq: 0, tMs: 0, stream: 'stdout', data: 'x' }]);
      for await (const _ of (await logs.get(job.jobId, attempt)) ?? []);
      await jobs.find(job.jobId);
    }
    const sockets = (index: number): number =>
      new Set(taps[index]?.heads.map(({ socket }) => socket.remotePort)).size;
    // S3: one for code and logs, and one for log downloads, which must not take the connections of executions. DynamoDB: one.
    expect([sockets(0), sockets(1)]).toEqual([2, 1]);
    const ends = taps.flatMap(({ heads }) => [...new Set(heads.map(({ socket }) => socket))]);
    const ended = Promise.all(ends.map((socket) => once(socket, 'close')));
    logs.onApplicationShutdown();
    tapped.clients.onApplicationShutdown();
    await ended;
    for (const { server } of taps) server.close();
  });
});

/** A proxy between the gateway and its storage that knows the calls which pass, and fails chosen ones in chosen ways. */
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsService } from '../../src/storage/aws/aws-errors';

/** What happens to an attempt at a call. */
export type Fault =
  /** Its connection is reset before the storage has heard of it. */
  | 'reset before'
  /** The storage has done it, and the connection is reset instead of an answer. */
  | 'reset after'
  /** The answer breaks off in its middle. */
  | 'cut'
  /** The storage hears of it only when the gateway has long given it up. */
  | 'late'
  /** Nobody ever answers, and the storage does not hear of it. */
  | 'silent'
  /** The storage answers with an error of its own, without having done anything. */
  | { readonly status: number; readonly name: string };

export interface Call {
  readonly service: AwsService;
  /** `PutItem`, … of DynamoDB; `SendMessage`, … of SQS; `PUT uploads`, `GET logs`, … of S3. */
  readonly name: string;
  /** The same for all attempts at one call. */
  readonly id: string;
  /** Of this call, from 1. */
  readonly attempt: number;
  readonly body: string;
  readonly path: string;
}

export type FaultSelector = (call: Call) => Fault | undefined;

/** ms: more than the time-out of the gateways in these tests. */
export const LATE_MS = 1300;

export class FaultProxy {
  /** Which calls fail, and how; by default none. */
  selectFault: FaultSelector = () => undefined;
  private readonly attempts = new Map<string, number>();
  private readonly held = new Set<Promise<void>>();

  private constructor(
    private readonly server: Server,
    private readonly upstream: URL,
  ) {}

  static async start(upstream: string): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server, new URL(upstream));
    server.on('request', (incoming, response) => {
      void proxy.pass(incoming, response);
    });
    // As other storages do: the SDK sends a large body only when it is told to.
    server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => {
      response.writeContinue();
      void proxy.pass(incoming, response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port.toString()}`;
  }

  /** Waits until every request that was late has arrived. */
  async lateRequestsArrived(): Promise<void> {
    while (this.held.size > 0) await Promise.all(this.held);
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    const fault = this.selectFault(this.callOf(incoming, body));
    try {
      if (fault === undefined) await this.answer(incoming, body, response, 'whole');
      else await this.fail(fault, incoming, body, response);
    } catch (error) {
      // Nobody wants the answer any more.
      if (!response.destroyed) throw error;
    }
  }

  private callOf({ headers, method = '', url = '' }: IncomingMessage, body: Buffer): Call {
    const target = headers['x-amz-target'];
    const name =
      typeof target === 'string' ? (target.split('.')[1] ?? '') : `${method} ${url.split('/')[2] ?? ''}`;
    const id = String(headers['amz-sdk-invocation-id']);
    const attempt = (this.attempts.get(id) ?? 0) + 1;
    this.attempts.set(id, attempt);
    return { service: serviceOf(target), name, id, attempt, body: body.toString('latin1'), path: url };
  }

  private async fail(
    fault: Fault,
    incoming: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    switch (fault) {
      case 'silent':
        return;
      case 'reset before':
        response.socket?.resetAndDestroy();
        return;
      case 'reset after':
        await this.forward(incoming, body);
        response.socket?.resetAndDestroy();
        return;
      case 'cut':
        await this.answer(incoming, body, response, 'half');
        return;
      case 'late':
        this.hold(incoming, body);
        return;
      default:
        refuse(response, fault, serviceOf(incoming.headers['x-amz-target']));
    }
  }

  private hold(incoming: IncomingMessage, body: Buffer): void {
    const late = new Promise((resolve) => setTimeout(resolve, LATE_MS)).then(async () => {
      await this.forward(incoming, body);
      this.held.delete(late);
    });
    this.held.add(late);
  }

  private async answer(
    incoming: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    how: 'whole' | 'half',
  ): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    const { answer, bytes } = await this.forward(incoming, body, gone.signal);
    if (response.destroyed) return;
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    if (how === 'whole') response.end(bytes);
    else response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.resetAndDestroy());
  }

  private async forward(
    { method, url, headers }: IncomingMessage,
    body: Buffer,
    signal?: AbortSignal,
  ): Promise<{ answer: IncomingMessage; bytes: Buffer }> {
    const { hostname, port } = this.upstream;
    const { 'transfer-encoding': _, expect: __, ...rest } = headers;
    const outgoing = request({ hostname, port, method, path: url, headers: rest, agent: false, signal });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    return { answer, bytes: Buffer.concat(chunks) };
  }
}

/** The prefixes of `x-amz-target`; S3 has no such header. */
function serviceOf(target: string | string[] | undefined): AwsService {
  if (typeof target !== 'string') return 'S3';
  return target.startsWith('AmazonSQS.') ? 'SQS' : 'DynamoDB';
}

/** In the form of the service. */
function refuse(
  response: ServerResponse,
  { status, name }: { status: number; name: string },
  service: AwsService,
): void {
  if (service === 'S3') {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${name}</Code><Message>${name}</Message></Error>`);
  } else {
    const namespace = service === 'SQS' ? 'com.amazonaws.sqs' : 'com.amazonaws.dynamodb.v20120810';
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: `${namespace}#${name}`, message: name }));
  }
}

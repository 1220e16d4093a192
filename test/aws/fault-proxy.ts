import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsService } from '../../src/storage/aws/aws-errors';

/** How an attempt at a call fails. */
export type Fault =
  /** The connection is reset before the storage has received the request. */
  | 'reset before'
  /** The storage has handled the request, and the connection is reset instead of a response. */
  | 'reset after'
  /** The connection is reset in the middle of the response. */
  | 'cut'
  /** The storage receives the request after the gateway's timeout. */
  | 'late'
  /** The storage does not receive the request, and there is no response. */
  | 'silent'
  /** The storage responds with this error and does nothing else. */
  | { readonly status: number; readonly name: string };

export interface Call {
  readonly service: AwsService;
  /** DynamoDB: `PutItem`, …; SQS: `SendMessage`, …; S3: `PUT uploads`, `GET logs`, …. */
  readonly name: string;
  /** Identical for all attempts at one call. */
  readonly id: string;
  /** Number of the attempt at this call, from 1. */
  readonly attempt: number;
  readonly body: string;
  readonly path: string;
}

export type FaultSelector = (call: Call) => Fault | undefined;

/** ms: longer than the gateways' timeout in these tests. */
export const LATE_MS = 1300;

/** A proxy between a gateway and an AWS service that makes selected calls fail. */
export class FaultProxy {
  /** Selects the fault of a call; by default none. */
  selectFault: FaultSelector = () => undefined;
  private readonly attempts = new Map<string, number>();
  private readonly delayed = new Set<Promise<void>>();

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
    // Like S3: the SDK sends a large body only after a 100 Continue.
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

  /** Resolves when every delayed request has arrived. */
  async lateRequestsArrived(): Promise<void> {
    while (this.delayed.size > 0) await Promise.all(this.delayed);
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
      if (fault === undefined) await this.respond(incoming, body, response, 'whole');
      else await this.fail(fault, incoming, body, response);
    } catch (error) {
      // The gateway may have disconnected.
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
        await this.respond(incoming, body, response, 'half');
        return;
      case 'late':
        this.delay(incoming, body);
        return;
      default:
        respondWithError(response, fault, serviceOf(incoming.headers['x-amz-target']));
    }
  }

  private delay(incoming: IncomingMessage, body: Buffer): void {
    const late = new Promise((resolve) => setTimeout(resolve, LATE_MS)).then(async () => {
      await this.forward(incoming, body);
      this.delayed.delete(late);
    });
    this.delayed.add(late);
  }

  private async respond(
    incoming: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    part: 'whole' | 'half',
  ): Promise<void> {
    const disconnected = new AbortController();
    response.once('close', () => {
      disconnected.abort();
    });
    const { upstreamResponse, bytes } = await this.forward(incoming, body, disconnected.signal);
    if (response.destroyed) return;
    response.writeHead(upstreamResponse.statusCode ?? 502, upstreamResponse.headers);
    if (part === 'whole') response.end(bytes);
    else response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.resetAndDestroy());
  }

  private async forward(
    { method, url, headers }: IncomingMessage,
    body: Buffer,
    signal?: AbortSignal,
  ): Promise<{ upstreamResponse: IncomingMessage; bytes: Buffer }> {
    const { hostname, port } = this.upstream;
    const { 'transfer-encoding': _, expect: __, ...rest } = headers;
    const outgoing = request({ hostname, port, method, path: url, headers: rest, agent: false, signal });
    outgoing.end(body);
    const [upstreamResponse] = (await once(outgoing, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of upstreamResponse as AsyncIterable<Buffer>) chunks.push(chunk);
    return { upstreamResponse, bytes: Buffer.concat(chunks) };
  }
}

/** By the prefix of `x-amz-target`; S3 has no such header. */
function serviceOf(target: string | string[] | undefined): AwsService {
  if (typeof target !== 'string') return 'S3';
  return target.startsWith('AmazonSQS.') ? 'SQS' : 'DynamoDB';
}

/** Responds in the error format of the service. */
function respondWithError(
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

import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of an engine that counts how often each program ran, which a program itself cannot count. */
export class EngineMeter {
  /** Runs by job that the engine started or may have started. */
  readonly runs = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    private readonly upstream: URL,
  ) {}

  static async start(upstream: string): Promise<EngineMeter> {
    const server = createServer();
    const meter = new EngineMeter(server, new URL(upstream));
    server.on('request', (incoming, response) => {
      void meter.forward(incoming, response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return meter;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port.toString()}`;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async forward(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    const { method, url, headers } = incoming;
    const { hostname, port } = this.upstream;
    const outgoing = request({ hostname, port, method, path: url, headers, agent: false });
    const jobId = method === 'POST' && url === '/execute' ? jobIdOf(body) : undefined;
    if (jobId !== undefined) this.count(jobId, 1);
    // A closed connection on one side closes the other side at once.
    response.once('close', () => outgoing.destroy());
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      if (jobId !== undefined && error.code === 'ECONNREFUSED') this.count(jobId, -1);
      response.destroy();
    });
    outgoing.once('response', (upstreamResponse) => {
      // The engine rejected the request: nothing ran.
      if (jobId !== undefined && upstreamResponse.statusCode !== 200) this.count(jobId, -1);
      upstreamResponse.once('error', () => response.destroy());
      response.writeHead(upstreamResponse.statusCode ?? 502, upstreamResponse.headers);
      upstreamResponse.pipe(response);
    });
    outgoing.end(body);
  }

  private count(jobId: string, change: number): void {
    this.runs.set(jobId, (this.runs.get(jobId) ?? 0) + change);
  }
}

const jobIdOf = (body: Buffer): string => (JSON.parse(body.toString('utf8')) as { job_id: string }).job_id;

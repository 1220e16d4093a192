import { once } from 'node:events';
import { type IncomingHttpHeaders, type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ReceivedCall {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that receives webhooks. */
export class Receiver {
  /** Responds to a request whose body has been read. */
  handler: RequestListener = (_request, response) => {
    response.end();
  };
  readonly calls: ReceivedCall[] = [];
  connections = 0;
  private readonly server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method, url: path, headers } = request;
      this.calls.push({ method, path, headers, body });
      this.handler(request, response);
      this.server.emit('called');
    });
  });

  static async listen(handler?: RequestListener): Promise<Receiver> {
    const receiver = new Receiver();
    if (handler) receiver.handler = handler;
    receiver.server.on('connection', () => {
      receiver.connections += 1;
    });
    await once(receiver.server.listen(0, '127.0.0.1'), 'listening');
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path = '/', host = '127.0.0.1'): string {
    return `http://${host}:${this.port.toString()}${path}`;
  }

  /** Waits for that many requests in total. */
  async called(times: number): Promise<void> {
    while (this.calls.length < times) await once(this.server, 'called');
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

/** Never responds. */
export const silent: RequestListener = () => undefined;

export const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(code, headers).end();
  };

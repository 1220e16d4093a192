import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** A TCP proxy whose connections a test can break. */
export class BreakingProxy {
  /** `http://…` of the server behind it; may be set after the start, before the first connection. */
  target = '';
  /** Number of bytes from the server after which a connection breaks. */
  bytesMax = Infinity;
  /** Whether it accepts requests without forwarding them. */
  isSilent = false;
  /** The heads of the received requests, in order. */
  readonly requests: string[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(target = ''): Promise<BreakingProxy> {
    const server = createServer();
    const proxy = new BreakingProxy(server);
    proxy.target = target;
    server.on('connection', (socket) => {
      proxy.forward(socket);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port.toString()}`;
  }

  /** The values of a header in the requests for a path; undefined where it was missing. */
  headersForPath(path: string, name: string): (string | undefined)[] {
    return this.requests
      .filter((head) => head.startsWith(`GET ${path} `))
      .map((head) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim());
  }

  /** Resets all open connections. */
  breakConnections(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.server.close();
    this.breakConnections();
    await once(this.server, 'close');
  }

  private forward(client: Socket): void {
    const { hostname, port } = new URL(this.target);
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      // A connection to the client and its connection to the server close together.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    let left = this.bytesMax;
    client.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      if (/^[A-Z]+ \//.test(text)) this.requests.push(text);
      if (!this.isSilent) server.write(bytes);
    });
    server.on('data', (bytes) => {
      client.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) client.destroySoon();
    });
  }
}

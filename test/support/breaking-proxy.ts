/** A way to a server, of bare bytes, that breaks when a test says so. */
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

export class BreakingProxy {
  /** `http://…` of the server behind it; may be told after the start, but before the first connection. */
  target = '';
  /** Bytes of the server after which a connection breaks. */
  bytesMax = Infinity;
  /** Whether it takes what comes, and never answers. */
  isSilent = false;
  /** The heads of the requests that came, in order. */
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

  /** The values of a header in the requests that came for a path; undefined where it was missing. */
  headersForPath(path: string, name: string): (string | undefined)[] {
    return this.requests
      .filter((head) => head.startsWith(`GET ${path} `))
      .map((head) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim());
  }

  /** Breaks every connection that there is now. */
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
      // Of two that belong together both break.
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

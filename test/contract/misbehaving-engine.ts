/** A bare HTTP server in the place of an engine, which answers as the test says. */
import { once } from 'node:events';
import { type RequestListener, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BareServer {
  readonly url: string;
  /** Connections that were ever opened. */
  connections(): number;
  close(): Promise<void>;
}

export async function startBareServer(listener: RequestListener): Promise<BareServer> {
  let connections = 0;
  const server = createServer(listener);
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port.toString()}`,
    connections: () => connections,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A url on which nobody listens. */
export async function unusedUrl(): Promise<string> {
  const server = await startBareServer(() => undefined);
  await server.close();
  return server.url;
}

/** Sends the beginning of an answer, and resets the connection once it is on its way. */
export function breakOff(response: ServerResponse, status: number, beginning: string): void {
  response.writeHead(status, { 'content-type': 'application/x-ndjson' });
  response.write(beginning, () => {
    setImmediate(() => response.socket?.resetAndDestroy());
  });
}

/** An HTTP server in place of an engine, with responses that the test defines. */
import { once } from 'node:events';
import { type RequestListener, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BareServer {
  readonly url: string;
  /** Number of all connections so far. */
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

/** A URL that no server listens on. */
export async function unusedUrl(): Promise<string> {
  const server = await startBareServer(() => undefined);
  await server.close();
  return server.url;
}

/** Sends the start of a response, and then resets the connection. */
export function breakOff(response: ServerResponse, status: number, beginning: string): void {
  response.writeHead(status, { 'content-type': 'application/x-ndjson' });
  response.write(beginning, () => {
    setImmediate(() => response.socket?.resetAndDestroy());
  });
}

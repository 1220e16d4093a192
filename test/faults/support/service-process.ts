/** One process of the service, which is killed and started again in its place: under the same settings, at the same address. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
import { Api } from '../../support/api';
import { type ServerProcess, startServer } from '../../support/server-process';

export type ProcessKind = 'gateway' | 'worker' | 'engine';

/** Below the range out of which the kernel takes ports for connections: a port stays free while its server is down. */
const PORTS = [10_000, 30_000] as const;

export class ServiceProcess {
  readonly api: Api;
  private process: ServerProcess | undefined;
  /** Lines of the processes that have ended. */
  private readonly past: string[] = [];

  private constructor(
    readonly kind: ProcessKind,
    private readonly port: number,
    private readonly environment: Readonly<Record<string, string>>,
  ) {
    this.api = new Api(`http://127.0.0.1:${port.toString()}`);
  }

  /** Waits until it listens. */
  static async start(
    kind: ProcessKind,
    environment: Readonly<Record<string, string>>,
  ): Promise<ServiceProcess> {
    const member = new ServiceProcess(kind, await freePort(), environment);
    await member.start();
    return member;
  }

  get url(): string {
    return this.api.url;
  }

  /** Every line that it has printed so far, in all its lives. */
  get lines(): readonly string[] {
    return [...this.past, ...(this.process?.lines ?? [])];
  }

  async start(): Promise<void> {
    const port = this.port.toString();
    const ports = this.kind === 'engine' ? { ENGINE_PORT: port } : { SERVER_PORT: port };
    const main = this.kind === 'engine' ? 'engine/main.js' : 'main.js';
    this.process = await startServer({ ...this.environment, ...ports }, main);
  }

  /** Without a process it does nothing. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.process) process.kill(this.process.pid, signal);
  }

  /** Waits for its end. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { process: ending } = this;
    this.process = undefined;
    await ending?.stop(signal);
    this.past.push(...(ending?.lines ?? []));
  }
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...PORTS);
    const server = createServer();
    const isFree = await Promise.race([
      once(server.listen(port, '127.0.0.1'), 'listening').then(
        () => true,
        () => false,
      ),
    ]);
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

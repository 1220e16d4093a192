import { once } from 'node:events';
import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
import { Api } from '../../support/api';
import { type ServerProcess, startServer } from '../../support/server-process';

export type ProcessKind = 'gateway' | 'worker' | 'engine';

/** Below the kernel's default range of ephemeral ports, so that a port stays free while its server is down. */
const PORTS = [10_000, 30_000] as const;

/** A process of the service that can be stopped and started again with the same settings and at the same address. */
export class ServiceProcess {
  readonly api: Api;
  private process: ServerProcess | undefined;
  /** Output of the processes that have exited. */
  private readonly previousLines: string[] = [];

  private constructor(
    readonly kind: ProcessKind,
    private readonly port: number,
    private readonly environment: Readonly<Record<string, string>>,
  ) {
    this.api = new Api(`http://127.0.0.1:${port.toString()}`);
  }

  /** Resolves when it listens. */
  static async start(
    kind: ProcessKind,
    environment: Readonly<Record<string, string>>,
  ): Promise<ServiceProcess> {
    const process = new ServiceProcess(kind, await freePort(), environment);
    await process.start();
    return process;
  }

  get url(): string {
    return this.api.url;
  }

  /** The output of all its processes so far. */
  get lines(): readonly string[] {
    return [...this.previousLines, ...(this.process?.lines ?? [])];
  }

  async start(): Promise<void> {
    const port = this.port.toString();
    const ports = this.kind === 'engine' ? { ENGINE_PORT: port } : { SERVER_PORT: port };
    const main = this.kind === 'engine' ? 'engine/main.js' : 'main.js';
    this.process = await startServer({ ...this.environment, ...ports }, main);
  }

  /** Does nothing while the process is stopped. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.process) process.kill(this.process.pid, signal);
  }

  /** Resolves when the process has exited. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { process: stopped } = this;
    this.process = undefined;
    await stopped?.stop(signal);
    this.previousLines.push(...(stopped?.lines ?? []));
  }
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...PORTS);
    const server = createServer();
    const isFree = await once(server.listen(port, '127.0.0.1'), 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

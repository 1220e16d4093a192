import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '../../..');
const RECHECK_MS = 100;

/** The part of `docker inspect` that tests use. */
export interface Container {
  readonly Id: string;
  readonly Config: { readonly User: string };
  readonly State: {
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly Health: { readonly Status: string };
  };
  readonly HostConfig: {
    readonly Privileged: boolean;
    readonly ReadonlyRootfs: boolean;
    readonly CapAdd: readonly string[] | null;
    readonly CapDrop: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly Binds: readonly string[] | null;
    readonly Memory: number;
    readonly NanoCpus: number;
    readonly PidsLimit: number | null;
    readonly RestartPolicy: { readonly Name: string };
  };
  readonly Mounts: readonly { readonly Type: string; readonly Destination: string }[];
  readonly NetworkSettings: {
    readonly Ports: Readonly<Record<string, readonly { readonly HostIp: string }[] | null>>;
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>;
  };
}

/**
 * Runs docker in the compose project that scripts/compose-test.mjs has started.
 * @returns the trimmed standard output
 * @throws Error when it fails
 */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', args, { cwd: ROOT });
  return stdout.trim();
}

/** @returns the containers of the services, by default of all services */
export async function containers(...services: readonly string[]): Promise<Container[]> {
  const ids = await docker('compose', 'ps', '--all', '--quiet', ...services);
  return JSON.parse(await docker('inspect', ...ids.split('\n'))) as Container[];
}

/** Runs a command in each container of a service, as the container's user. @returns the outputs */
export async function inEach(service: string, ...command: readonly string[]): Promise<string[]> {
  const all = await containers(service);
  return Promise.all(all.map(({ Id }) => docker('exec', Id, ...command)));
}

export const addressesOf = ({ NetworkSettings }: Container): string[] =>
  Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);

/** Resolves when all containers are healthy. */
export async function untilHealthy(): Promise<void> {
  for (;;) {
    const states = (await containers()).map(({ State }) => State.Health.Status);
    if (states.every((state) => state === 'healthy')) return;
    await delay(RECHECK_MS);
  }
}

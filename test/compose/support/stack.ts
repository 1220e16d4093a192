/** The containers of the compose project that scripts/compose-test.mjs has brought up. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '../../..');
const RECHECK_MS = 100;

/** What tests look at of `docker inspect`. */
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

/** @returns what it printed @throws Error when it fails */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', args, { cwd: ROOT });
  return stdout.trim();
}

/** The containers of a service, or all of them. */
export async function containers(...services: readonly string[]): Promise<Container[]> {
  const ids = await docker('compose', 'ps', '--all', '--quiet', ...services);
  return JSON.parse(await docker('inspect', ...ids.split('\n'))) as Container[];
}

/** Runs a command in each container of a service, as its user. */
export async function inEach(service: string, ...command: readonly string[]): Promise<string[]> {
  const all = await containers(service);
  return Promise.all(all.map(({ Id }) => docker('exec', Id, ...command)));
}

export const addressesOf = ({ NetworkSettings }: Container): string[] =>
  Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);

/** Waits until all of them are; the time limit of the test bounds it. */
export async function untilHealthy(): Promise<void> {
  for (;;) {
    const states = (await containers()).map(({ State }) => State.Health.Status);
    if (states.every((state) => state === 'healthy')) return;
    await delay(RECHECK_MS);
  }
}

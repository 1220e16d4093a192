import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { processKey } from '../../src/engine/sandbox/process-key';
import type { ServerProcess } from '../support/server-process';
import { ENGINE_WORK_DIR } from '../support/applications';
import { waitFor } from './soak-load';
import { countIdleSandboxes, findRunProcesses } from '../support/run-processes';

const GROUPS = '/sys/fs/cgroup';
/** Depth at which the cgroup of a service may be: controller, slice, container. */
const GROUP_LEVELS = 5;

/** Descriptors of the service for each prepared sandbox: control, frames, errors, and the announced pid. */
const DESCRIPTORS_OF_A_SANDBOX = 4;

/** Resources of the machine that a service holds. */
export interface Footprint {
  /** Without those of prepared sandboxes, whose number varies. */
  readonly descriptors: number;
  readonly mounts: number;
  readonly hostMounts: number;
}

/** @returns the cgroups of the engine in this process: one per controller with cgroup v1, one with v2 */
export function findResourceGroups(pid: number): string[] {
  const name = `service-server-${processKey(pid)}`;
  const below = (path: string, level: number): string[] =>
    directoriesIn(path).flatMap((entry) => {
      if (entry === name) return [join(path, entry)];
      return level === 0 ? [] : below(join(path, entry), level - 1);
    });
  return below(GROUPS, GROUP_LEVELS);
}

export const runsDirectory = (pid: number): string => join(ENGINE_WORK_DIR, 'runs', processKey(pid));

/** Cgroups and directories of finished runs: those of prepared sandboxes are none. */
export function findRunLeftovers(pid: number, groups: readonly string[]): string[] {
  const idle = countIdleSandboxes(pid);
  return [...groups, runsDirectory(pid)].flatMap((place) => {
    const entries = existsSync(place) ? directoriesIn(place) : [];
    return entries.length > idle ? entries.map((entry) => join(place, entry)) : [];
  });
}

/** Waits for the cleanup of all runs, and counts. */
export async function measureFootprint(
  { pid }: ServerProcess,
  groups: readonly string[],
): Promise<Footprint> {
  await waitFor(
    () => [...findRunProcesses(pid), ...findRunLeftovers(pid, groups)],
    (seen) => seen.length === 0,
  );
  return countFootprint(pid);
}

export function countFootprint(pid: number): Footprint {
  const lines = (path: string): number => readFileSync(path, 'utf8').split('\n').length;
  return {
    descriptors: listDescriptors(pid).length - countIdleSandboxes(pid) * DESCRIPTORS_OF_A_SANDBOX,
    mounts: lines(`/proc/${pid.toString()}/mountinfo`),
    hostMounts: lines('/proc/self/mountinfo'),
  };
}

/** Descriptors without client connections, which the clients close at any time. */
function listDescriptors(pid: number): string[] {
  const connections = new Set(
    ['tcp', 'tcp6'].flatMap((name) =>
      readFileSync(`/proc/${pid.toString()}/net/${name}`, 'utf8')
        .split('\n')
        .map((line) => `socket:[${line.trim().split(/\s+/)[9] ?? ''}]`),
    ),
  );
  const folder = `/proc/${pid.toString()}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      const target = readlinkSync(join(folder, fd));
      return connections.has(target) ? [] : [target];
    } catch {
      return []; // closed meanwhile
    }
  });
}

function directoriesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return []; // removed meanwhile
  }
}

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { EngineSettings } from '../../config/settings';
import { limitsFrom } from '../request-limits';
import { findCgroupV1 } from './cgroup-v1';
import { findCgroupV2 } from './cgroup-v2';
import type { Limits } from './limits';
import { ProcessTreeController } from './process-tree';
import type { ResourceController } from './resource-controller';

const TRIAL_LIMITS = {
  wallMs: 1000,
  cpuMs: 1000,
  memoryMb: 16,
  processes: 1,
  outputBytes: 1,
  diskMb: 1,
  openFiles: 1024,
  fileMb: 1,
};

/**
 * Returns the most precise resource controller that works on this machine: cgroups v2, cgroups v1, or else /proc.
 * With ENGINE_ACCOUNTING=rusage, cgroups are not used even where they work.
 */
export async function findResourceController(
  settings: EngineSettings,
  root = '/sys/fs/cgroup',
): Promise<ResourceController> {
  if (settings.accounting === 'rusage') return new ProcessTreeController();
  const membership = readFileSync('/proc/self/cgroup', 'utf8');
  const cgroups = findCgroupV2(root, membership) ?? findCgroupV1(root, membership);
  if (cgroups && (await isUsable(cgroups, limitsFrom(settings, TRIAL_LIMITS)))) return cgroups;
  await cgroups?.close();
  return new ProcessTreeController();
}

/** A cgroup that could be created may still reject processes, because the engine's own cgroup must be writable for that. */
async function isUsable(controller: ResourceController, limits: Limits): Promise<boolean> {
  try {
    const group = await controller.openGroup('trial', limits);
    const { sandbox, program } = group.joinPaths;
    try {
      await promisify(execFile)('/bin/sh', ['-c', JOIN_SCRIPT, 'sh', ...sandbox, ...program]);
      await group.readUsage();
      return true;
    } finally {
      await group.close();
    }
  } catch {
    return false;
  }
}

const JOIN_SCRIPT = 'for path; do echo 0 > "$path" || exit 1; done';

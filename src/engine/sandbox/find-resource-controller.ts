/** The best account of a run's figures that this system allows. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ResourceController } from './resource-controller';
import { findCgroupV1 } from './cgroup-v1';
import { findCgroupV2 } from './cgroup-v2';
import { ProcessTreeController } from './process-tree';

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

/** @param allowed `rusage` leaves control groups alone */
export async function findResourceController(
  allowed: 'auto' | 'rusage',
  root = '/sys/fs/cgroup',
): Promise<ResourceController> {
  if (allowed === 'rusage') return new ProcessTreeController();
  const membership = readFileSync('/proc/self/cgroup', 'utf8');
  const cgroups = findCgroupV2(root, membership) ?? findCgroupV1(root, membership);
  if (cgroups && (await isUsable(cgroups))) return cgroups;
  await cgroups?.close();
  return new ProcessTreeController();
}

/** A group that can be made may still refuse processes: they must come from a part of the tree that is ours. */
async function isUsable(accountant: ResourceController): Promise<boolean> {
  try {
    const account = await accountant.openGroup('trial', TRIAL_LIMITS);
    const { sandbox, program } = account.joinPaths;
    const entries = [...sandbox, ...program];
    try {
      await promisify(execFile)('/bin/sh', ['-c', JOIN_SCRIPT, 'sh', ...entries]);
      await account.readUsage();
      return true;
    } finally {
      await account.close();
    }
  } catch {
    return false;
  }
}

const JOIN_SCRIPT = 'for entry; do echo 0 > "$entry" || exit 1; done';

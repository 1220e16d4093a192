/** The best account of a run's figures that this system allows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Accountant } from './accounting';
import { findCgroupV1 } from './cgroup-v1';
import { findCgroupV2 } from './cgroup-v2';
import { ProcessTreeAccountant } from './process-tree';

const TRIAL_LIMITS = { wallMs: 1000, cpuMs: 1000, memoryMb: 16, processes: 1, outputBytes: 1, diskMb: 1 };

/** @param allowed `rusage` leaves control groups alone */
export async function findAccountant(
  allowed: 'auto' | 'rusage',
  root = '/sys/fs/cgroup',
): Promise<Accountant> {
  if (allowed === 'rusage') return new ProcessTreeAccountant();
  const membership = readFileSync('/proc/self/cgroup', 'utf8');
  const cgroups = findCgroupV2(root, membership) ?? findCgroupV1(root, membership);
  if (cgroups && (await works(cgroups))) return cgroups;
  await cgroups?.close();
  return new ProcessTreeAccountant();
}

/** A group that can be made may still refuse processes: they must come from a part of the tree that is ours. */
async function works(accountant: Accountant): Promise<boolean> {
  const child = spawn('/bin/cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(child, 'close');
  try {
    await once(child, 'spawn');
    const account = await accountant.open('trial', TRIAL_LIMITS);
    try {
      await account.add(child.pid ?? 0);
      await account.read();
      return true;
    } finally {
      child.stdin.end();
      await ended;
      await account.close();
    }
  } catch {
    child.kill('SIGKILL');
    return false;
  }
}

/** The best account of a run's figures that this system allows. */
import { readFileSync } from 'node:fs';
import type { Accountant } from './accounting';
import { findCgroupV1 } from './cgroup-v1';
import { findCgroupV2 } from './cgroup-v2';
import { ProcessTreeAccountant } from './process-tree';

/** @param allowed `rusage` leaves control groups alone */
export function findAccountant(allowed: 'auto' | 'rusage', root = '/sys/fs/cgroup'): Accountant {
  if (allowed === 'rusage') return new ProcessTreeAccountant();
  const membership = readFileSync('/proc/self/cgroup', 'utf8');
  return findCgroupV2(root, membership) ?? findCgroupV1(root, membership) ?? new ProcessTreeAccountant();
}

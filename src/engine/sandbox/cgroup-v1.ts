/** Accounts in control groups of version 1: a group in the hierarchy of each controller. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account, Accountant, Usage } from './accounting';
import {
  addProcess,
  endGroup,
  makeBase,
  readKey,
  readNumber,
  removeBase,
  removeGroup,
  trySet,
} from './cgroup-files';
import { type Limits, memoryBytesOf, tasksOf } from './limits';

interface Groups {
  readonly memory: string;
  readonly pids: string;
  readonly cpuacct: string;
}
const CONTROLLERS = ['memory', 'pids', 'cpuacct'] as const;
/** Several controllers may share one hierarchy, and then one directory. */
const pathsOf = ({ memory, pids, cpuacct }: Groups): string[] => [...new Set([memory, pids, cpuacct])];

/** @param membership the text of /proc/self/cgroup */
export function findCgroupV1(root: string, membership: string): Accountant | undefined {
  const bases = CONTROLLERS.map((controller) => {
    const own =
      new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, 'm').exec(membership)?.[1] ?? '/';
    // In a container the path is that of the host, while the mount already shows the container's own group.
    const parents = [join(root, controller, own), join(root, controller)];
    const parent = parents.find((path) => existsSync(join(path, 'cgroup.procs')));
    return parent === undefined ? undefined : makeBase(parent);
  });
  const [memory, pids, cpuacct] = bases;
  if (memory !== undefined && pids !== undefined && cpuacct !== undefined) {
    return new CgroupV1Accountant({ memory, pids, cpuacct });
  }
  for (const base of bases) if (base !== undefined) removeBase(base);
  return undefined;
}

class CgroupV1Accountant implements Accountant {
  readonly source = 'cgroup-v1';
  readonly enforces = true;

  constructor(private readonly bases: Groups) {}

  async open(runId: string, limits: Limits): Promise<Account> {
    const below = (base: string): string => join(base, runId);
    const groups: Groups = {
      memory: below(this.bases.memory),
      pids: below(this.bases.pids),
      cpuacct: below(this.bases.cpuacct),
    };
    for (const path of pathsOf(groups)) await mkdir(path, { recursive: true });
    const memory = memoryBytesOf(limits).toString();
    await writeFile(join(groups.memory, 'memory.limit_in_bytes'), memory);
    await trySet(groups.memory, 'memory.memsw.limit_in_bytes', memoryBytesOf(limits));
    await writeFile(join(groups.pids, 'pids.max'), tasksOf(limits).toString());
    return new CgroupV1Account(groups);
  }

  close(): Promise<void> {
    pathsOf(this.bases).forEach(removeBase);
    return Promise.resolve();
  }
}

class CgroupV1Account implements Account {
  constructor(private readonly groups: Groups) {}

  async add(pid: number): Promise<void> {
    for (const path of pathsOf(this.groups)) await addProcess(path, pid);
  }

  async read(): Promise<Usage> {
    const { memory, cpuacct } = this.groups;
    return {
      cpuMs: (await readNumber(cpuacct, 'cpuacct.usage')) / 1e6,
      memoryBytes: await readNumber(memory, 'memory.max_usage_in_bytes'),
      outOfMemory: (await readKey(memory, 'memory.oom_control', 'oom_kill')) > 0,
    };
  }

  async close(): Promise<void> {
    await endGroup(this.groups.pids);
    for (const path of pathsOf(this.groups)) await removeGroup(path);
  }
}

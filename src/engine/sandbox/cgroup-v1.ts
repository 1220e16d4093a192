/** Accounts in control groups of version 1: a group in the hierarchy of each controller. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceGroup, ResourceController, GroupEntries, ResourceUsage } from './resource-controller';
import { endGroup, makeBase, readKey, readNumber, removeBase, removeGroup, trySet } from './cgroup-files';
import { type Limits, memoryBytesOf, tasksOf } from './limits';

interface Groups {
  readonly memory: string;
  readonly pids: string;
  readonly cpuacct: string;
  /** Of the program without its supervisor; undefined where there is none. */
  readonly cpu: string | undefined;
}
/** The group of a run in each hierarchy. Several controllers may share one, and then one directory. */
const runPathsOf = ({ memory, pids, cpuacct }: Groups): string[] => [...new Set([memory, pids, cpuacct])];
/** Below the group of the run where `cpu` and `cpuacct` share a hierarchy, as they often do. */
const PROGRAM = 'program';

/** @param membership the text of /proc/self/cgroup */
export function findCgroupV1(root: string, membership: string): ResourceController | undefined {
  const baseOf = (controller: string): string | undefined => {
    const own =
      new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, 'm').exec(membership)?.[1] ?? '/';
    // In a container the path is that of the host, while the mount already shows the container's own group.
    const parents = [join(root, controller, own), join(root, controller)];
    const parent = parents.find((path) => existsSync(join(path, 'cgroup.procs')));
    return parent === undefined ? undefined : makeBase(parent);
  };
  const [memory, pids, cpuacct, cpu] = ['memory', 'pids', 'cpuacct', 'cpu'].map(baseOf);
  if (memory !== undefined && pids !== undefined && cpuacct !== undefined) {
    return new CgroupV1Controller({ memory, pids, cpuacct, cpu });
  }
  for (const base of [memory, pids, cpuacct, cpu]) if (base !== undefined) removeBase(base);
  return undefined;
}

class CgroupV1Controller implements ResourceController {
  readonly source = 'cgroup-v1';
  readonly enforces = true;

  constructor(private readonly bases: Groups) {}

  open(runId: string, limits: Limits): Promise<ResourceGroup> {
    const below = (base: string): string => join(base, runId);
    const groups: Groups = {
      memory: below(this.bases.memory),
      pids: below(this.bases.pids),
      cpuacct: below(this.bases.cpuacct),
      cpu: this.bases.cpu === undefined ? undefined : join(this.bases.cpu, runId, PROGRAM),
    };
    for (const path of runPathsOf(groups)) mkdirSync(path, { recursive: true });
    if (groups.cpu !== undefined) mkdirSync(groups.cpu, { recursive: true });
    const account = new CgroupV1Group(groups);
    account.limit(limits);
    return Promise.resolve(account);
  }

  close(): Promise<void> {
    const { cpu } = this.bases;
    [...runPathsOf(this.bases), ...(cpu === undefined ? [] : [cpu])].forEach(removeBase);
    return Promise.resolve();
  }
}

class CgroupV1Group implements ResourceGroup {
  readonly entries: GroupEntries;

  constructor(private readonly groups: Groups) {
    const { cpu } = groups;
    // Not `cgroup.procs`, which moves all threads of a process and has to wait until none is being made.
    const entryOf = (path: string): string => join(path, 'tasks');
    this.entries = {
      sandbox: runPathsOf(groups).map(entryOf),
      program: cpu === undefined ? [] : [entryOf(cpu)],
    };
  }

  note(): void {
    // A group knows its processes.
  }

  limit(limits: Limits): void {
    const { memory, pids } = this.groups;
    writeFileSync(join(memory, 'memory.limit_in_bytes'), memoryBytesOf(limits).toString());
    trySet(memory, 'memory.memsw.limit_in_bytes', memoryBytesOf(limits));
    writeFileSync(join(pids, 'pids.max'), tasksOf(limits).toString());
  }

  read(): ResourceUsage {
    const { memory, cpuacct } = this.groups;
    return {
      cpuMs: readNumber(cpuacct, 'cpuacct.usage') / 1e6,
      memoryBytes: readNumber(memory, 'memory.max_usage_in_bytes'),
      outOfMemory: readKey(memory, 'memory.oom_control', 'oom_kill') > 0,
    };
  }

  async close(): Promise<void> {
    await endGroup(this.groups.pids);
    const { cpu } = this.groups;
    if (cpu !== undefined) {
      await removeGroup(cpu);
      await removeGroup(join(cpu, '..'));
    }
    for (const path of runPathsOf(this.groups)) await removeGroup(path);
  }
}

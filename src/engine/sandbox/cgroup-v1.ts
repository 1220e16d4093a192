/** Accounts in control groups of version 1: a group in the hierarchy of each controller. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ResourceGroup,
  ResourceController,
  CgroupJoinPaths,
  ResourceUsage,
} from './resource-controller';
import {
  killGroup,
  createEngineGroup,
  readKeyedNumber,
  readNumber,
  removeEngineGroup,
  removeGroup,
  writeIfSupported,
} from './cgroup-files';
import { type Limits, memoryBytesMax, tasksMax } from './limits';

interface GroupPaths {
  readonly memory: string;
  readonly pids: string;
  readonly cpuacct: string;
  /** Of the program without its supervisor; undefined where there is none. */
  readonly cpu: string | undefined;
}
/** The group of a run in each hierarchy. Several controllers may share one, and then one directory. */
const resourcePaths = ({ memory, pids, cpuacct }: GroupPaths): string[] => [
  ...new Set([memory, pids, cpuacct]),
];
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
    return parent === undefined ? undefined : createEngineGroup(parent);
  };
  const [memory, pids, cpuacct, cpu] = ['memory', 'pids', 'cpuacct', 'cpu'].map(baseOf);
  if (memory !== undefined && pids !== undefined && cpuacct !== undefined) {
    return new CgroupV1Controller({ memory, pids, cpuacct, cpu });
  }
  for (const base of [memory, pids, cpuacct, cpu]) if (base !== undefined) removeEngineGroup(base);
  return undefined;
}

class CgroupV1Controller implements ResourceController {
  readonly source = 'cgroup-v1';
  readonly enforcesLimits = true;

  constructor(private readonly bases: GroupPaths) {}

  openGroup(runId: string, limits: Limits): Promise<ResourceGroup> {
    const below = (base: string): string => join(base, runId);
    const groups: GroupPaths = {
      memory: below(this.bases.memory),
      pids: below(this.bases.pids),
      cpuacct: below(this.bases.cpuacct),
      cpu: this.bases.cpu === undefined ? undefined : join(this.bases.cpu, runId, PROGRAM),
    };
    for (const path of resourcePaths(groups)) mkdirSync(path, { recursive: true });
    if (groups.cpu !== undefined) mkdirSync(groups.cpu, { recursive: true });
    const account = new CgroupV1Group(groups);
    account.setLimits(limits);
    return Promise.resolve(account);
  }

  close(): Promise<void> {
    const { cpu } = this.bases;
    [...resourcePaths(this.bases), ...(cpu === undefined ? [] : [cpu])].forEach(removeEngineGroup);
    return Promise.resolve();
  }
}

class CgroupV1Group implements ResourceGroup {
  readonly joinPaths: CgroupJoinPaths;

  constructor(private readonly groups: GroupPaths) {
    const { cpu } = groups;
    // Not `cgroup.procs`, which moves all threads of a process and has to wait until none is being made.
    const entryOf = (path: string): string => join(path, 'tasks');
    this.joinPaths = {
      sandbox: resourcePaths(groups).map(entryOf),
      program: cpu === undefined ? [] : [entryOf(cpu)],
    };
  }

  setRootPid(): void {
    // A group knows its processes.
  }

  setLimits(limits: Limits): void {
    const { memory, pids } = this.groups;
    writeFileSync(join(memory, 'memory.limit_in_bytes'), memoryBytesMax(limits).toString());
    writeIfSupported(memory, 'memory.memsw.limit_in_bytes', memoryBytesMax(limits));
    writeFileSync(join(pids, 'pids.max'), tasksMax(limits).toString());
  }

  readUsage(): ResourceUsage {
    const { memory, cpuacct } = this.groups;
    return {
      cpuMs: readNumber(cpuacct, 'cpuacct.usage') / 1e6,
      memoryBytes: readNumber(memory, 'memory.max_usage_in_bytes'),
      outOfMemory: readKeyedNumber(memory, 'memory.oom_control', 'oom_kill') > 0,
    };
  }

  async close(): Promise<void> {
    await killGroup(this.groups.pids);
    const { cpu } = this.groups;
    if (cpu !== undefined) {
      await removeGroup(cpu);
      await removeGroup(join(cpu, '..'));
    }
    for (const path of resourcePaths(this.groups)) await removeGroup(path);
  }
}

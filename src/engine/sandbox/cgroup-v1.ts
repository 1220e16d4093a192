import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createEngineGroup,
  killRunGroup,
  readKeyedNumber,
  readNumber,
  removeEngineGroup,
  removeRunGroup,
  writeIfSupported,
} from './cgroup-files';
import { type Limits, memoryBytesMax, tasksMax } from './limits';
import type {
  CgroupJoinPaths,
  ResourceController,
  ResourceGroup,
  ResourceUsage,
} from './resource-controller';

/** Cgroups v1 have a hierarchy for each controller, and a run has a cgroup in each hierarchy. */
interface GroupPaths {
  readonly memory: string;
  readonly pids: string;
  readonly cpuacct: string;
  /** The cgroup of the program without its supervisor; undefined where the controller is not available. */
  readonly cpu: string | undefined;
}
/** @returns the paths without duplicates, because several controllers may share a hierarchy and then a directory. */
const resourcePaths = ({ memory, pids, cpuacct }: GroupPaths): string[] => [
  ...new Set([memory, pids, cpuacct]),
];
/** The name of the program's cgroup. It is below the cgroup of the run, because `cpu` and `cpuacct` often share a hierarchy. */
const PROGRAM = 'program';

/** @param membership content of /proc/self/cgroup */
export function findCgroupV1(root: string, membership: string): ResourceController | undefined {
  const createIn = (controller: string): string | undefined => {
    const own =
      new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, 'm').exec(membership)?.[1] ?? '/';
    // In a container the path is the host's, but the mount shows the container's own cgroup as its root.
    const parents = [join(root, controller, own), join(root, controller)];
    const parent = parents.find((path) => existsSync(join(path, 'cgroup.procs')));
    return parent === undefined ? undefined : createEngineGroup(parent);
  };
  const [memory, pids, cpuacct, cpu] = ['memory', 'pids', 'cpuacct', 'cpu'].map(createIn);
  if (memory !== undefined && pids !== undefined && cpuacct !== undefined) {
    return new CgroupV1Controller({ memory, pids, cpuacct, cpu });
  }
  for (const path of [memory, pids, cpuacct, cpu]) if (path !== undefined) removeEngineGroup(path);
  return undefined;
}

class CgroupV1Controller implements ResourceController {
  readonly source = 'cgroup-v1';
  readonly enforcesLimits = true;

  constructor(private readonly engineGroups: GroupPaths) {}

  openGroup(runId: string, limits: Limits): Promise<ResourceGroup> {
    const { memory, pids, cpuacct, cpu } = this.engineGroups;
    const paths: GroupPaths = {
      memory: join(memory, runId),
      pids: join(pids, runId),
      cpuacct: join(cpuacct, runId),
      cpu: cpu === undefined ? undefined : join(cpu, runId, PROGRAM),
    };
    for (const path of resourcePaths(paths)) mkdirSync(path, { recursive: true });
    if (paths.cpu !== undefined) mkdirSync(paths.cpu, { recursive: true });
    const group = new CgroupV1Group(paths);
    group.setLimits(limits);
    return Promise.resolve(group);
  }

  close(): Promise<void> {
    const { cpu } = this.engineGroups;
    [...resourcePaths(this.engineGroups), ...(cpu === undefined ? [] : [cpu])].forEach(removeEngineGroup);
    return Promise.resolve();
  }
}

class CgroupV1Group implements ResourceGroup {
  readonly joinPaths: CgroupJoinPaths;

  constructor(private readonly paths: GroupPaths) {
    const { cpu } = paths;
    // A write to `tasks` moves one thread; `cgroup.procs` moves all threads of a process, and has to wait while one is created.
    const joinPath = (path: string): string => join(path, 'tasks');
    this.joinPaths = {
      sandbox: resourcePaths(paths).map(joinPath),
      program: cpu === undefined ? [] : [joinPath(cpu)],
    };
  }

  setRootPid(): void {
    // The kernel knows the processes of a cgroup.
  }

  setLimits(limits: Limits): void {
    const { memory, pids } = this.paths;
    writeFileSync(join(memory, 'memory.limit_in_bytes'), memoryBytesMax(limits).toString());
    writeIfSupported(memory, 'memory.memsw.limit_in_bytes', memoryBytesMax(limits));
    writeFileSync(join(pids, 'pids.max'), tasksMax(limits).toString());
  }

  readUsage(): ResourceUsage {
    const { memory, cpuacct } = this.paths;
    return {
      cpuMs: readNumber(cpuacct, 'cpuacct.usage') / 1e6,
      memoryBytes: readNumber(memory, 'memory.max_usage_in_bytes'),
      outOfMemory: readKeyedNumber(memory, 'memory.oom_control', 'oom_kill') > 0,
    };
  }

  async close(): Promise<void> {
    await killRunGroup(this.paths.pids);
    const { cpu } = this.paths;
    if (cpu !== undefined) {
      await removeRunGroup(cpu);
      await removeRunGroup(join(cpu, '..'));
    }
    for (const path of resourcePaths(this.paths)) await removeRunGroup(path);
  }
}

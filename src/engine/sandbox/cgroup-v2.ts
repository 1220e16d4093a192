import { existsSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/**
 * Cgroups below that of a run, because only a cgroup without processes of its own can enable controllers for its children
 * (cgroups(7)). The supervisor has its own, so that it can reap processes faster than the program forks them.
 */
const SUBGROUPS = { supervisor: 'supervisor', program: 'program' } as const;
/** From 1 to 10,000; the kernel's default is 100 (cgroups(7)). */
const SUPERVISOR_CPU_WEIGHT = 1000;

/**
 * Uses the engine's own cgroup, or the nearest ancestor that is writable and allows to enable the memory and pids controllers.
 * @param membership content of /proc/self/cgroup
 */
export function findCgroupV2(root: string, membership: string): ResourceController | undefined {
  if (!existsSync(join(root, 'cgroup.controllers'))) return undefined;
  let parent = join(root, /^0::(.*)$/m.exec(membership)?.[1] ?? '/');
  for (; parent.startsWith(root); parent = dirname(parent)) {
    const engineGroup = createEngineGroup(parent);
    if (engineGroup === undefined) continue;
    if (enableControllers(engineGroup, '+memory +pids'))
      return new CgroupV2Controller(engineGroup, enableControllers(engineGroup, '+cpu'));
    removeEngineGroup(engineGroup);
  }
  return undefined;
}

/** Enables controllers for the children of a cgroup. */
function enableControllers(group: string, controllers: string): boolean {
  try {
    writeFileSync(join(group, 'cgroup.subtree_control'), controllers);
    return true;
  } catch {
    return false;
  }
}

class CgroupV2Controller implements ResourceController {
  readonly source = 'cgroup-v2';
  readonly enforcesLimits = true;

  constructor(
    private readonly engineGroup: string,
    private readonly hasCpuController: boolean,
  ) {}

  async openGroup(runId: string, limits: Limits): Promise<ResourceGroup> {
    const path = join(this.engineGroup, runId);
    await mkdir(path);
    if (this.hasCpuController) {
      for (const subgroup of Object.values(SUBGROUPS)) await mkdir(join(path, subgroup));
      enableControllers(path, '+cpu');
      writeIfSupported(join(path, SUBGROUPS.supervisor), 'cpu.weight', SUPERVISOR_CPU_WEIGHT);
    }
    const group = new CgroupV2Group(path, this.hasCpuController);
    group.setLimits(limits);
    return group;
  }

  close(): Promise<void> {
    removeEngineGroup(this.engineGroup);
    return Promise.resolve();
  }
}

class CgroupV2Group implements ResourceGroup {
  readonly joinPaths: CgroupJoinPaths;

  constructor(
    private readonly path: string,
    private readonly hasSubgroups: boolean,
  ) {
    const joinPath = (subgroup: string): string => join(path, subgroup, 'cgroup.procs');
    this.joinPaths = hasSubgroups
      ? { sandbox: [joinPath(SUBGROUPS.supervisor)], program: [joinPath(SUBGROUPS.program)] }
      : { sandbox: [joinPath('.')], program: [] };
  }

  setRootPid(): void {
    // The kernel knows the processes of a cgroup.
  }

  setLimits(limits: Limits): void {
    writeFileSync(join(this.path, 'memory.max'), memoryBytesMax(limits).toString());
    writeIfSupported(this.path, 'memory.swap.max', 0);
    writeFileSync(join(this.path, 'pids.max'), tasksMax(limits).toString());
  }

  readUsage(): ResourceUsage {
    return {
      cpuMs: readKeyedNumber(this.path, 'cpu.stat', 'usage_usec') / 1000,
      memoryBytes: this.readMemoryBytes(),
      outOfMemory: readKeyedNumber(this.path, 'memory.events', 'oom_kill') > 0,
    };
  }

  async close(): Promise<void> {
    const subgroups = this.hasSubgroups
      ? Object.values(SUBGROUPS).map((subgroup) => join(this.path, subgroup))
      : [];
    for (const path of [...subgroups, this.path]) {
      await killRunGroup(path);
      await removeRunGroup(path);
    }
  }

  /** Linux has memory.peak since 5.19; on an older kernel the current value is the best available. */
  private readMemoryBytes(): number {
    const file = existsSync(join(this.path, 'memory.peak')) ? 'memory.peak' : 'memory.current';
    return readNumber(this.path, file);
  }
}

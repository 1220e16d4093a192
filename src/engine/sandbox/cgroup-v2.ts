/** Accounts in control groups of version 2: one group a run. */
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/**
 * Below the group of a run: only groups without processes of their own can hand a controller down (cgroups(7)). The
 * supervisor has one of its own, as it must reap faster than the program forks.
 */
const SUBGROUPS = { supervisor: 'supervisor', program: 'program' } as const;
/** Of 1 to 10,000, where 100 is what each group has without being told (cgroups(7)). */
const SUPERVISOR_WEIGHT = 1000;

/**
 * In the engine's own group, or in the nearest above it that hands the controllers down and that it may write to.
 * @param membership the text of /proc/self/cgroup
 */
export function findCgroupV2(root: string, membership: string): ResourceController | undefined {
  if (!existsSync(join(root, 'cgroup.controllers'))) return undefined;
  let parent = join(root, /^0::(.*)$/m.exec(membership)?.[1] ?? '/');
  for (; parent.startsWith(root); parent = dirname(parent)) {
    const base = createEngineGroup(parent);
    if (base === undefined) continue;
    if (enableControllers(base, '+memory +pids'))
      return new CgroupV2Controller(base, enableControllers(base, '+cpu'));
    removeEngineGroup(base);
  }
  return undefined;
}

/** A group has a controller only when the one above hands it down. */
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
      for (const part of Object.values(SUBGROUPS)) await mkdir(join(path, part));
      enableControllers(path, '+cpu');
      writeIfSupported(join(path, SUBGROUPS.supervisor), 'cpu.weight', SUPERVISOR_WEIGHT);
    }
    const account = new CgroupV2Group(path, this.hasCpuController);
    account.setLimits(limits);
    return account;
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
    const entryOf = (part: string): string => join(path, part, 'cgroup.procs');
    this.joinPaths = hasSubgroups
      ? { sandbox: [entryOf(SUBGROUPS.supervisor)], program: [entryOf(SUBGROUPS.program)] }
      : { sandbox: [entryOf('.')], program: [] };
  }

  setRootPid(): void {
    // A group knows its processes.
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
    const parts = this.hasSubgroups ? Object.values(SUBGROUPS).map((part) => join(this.path, part)) : [];
    for (const path of [...parts, this.path]) {
      await killGroup(path);
      await removeGroup(path);
    }
  }

  /** memory.peak is there from Linux 5.19 on; before, what is used at the time of reading must do. */
  private readMemoryBytes(): number {
    const file = existsSync(join(this.path, 'memory.peak')) ? 'memory.peak' : 'memory.current';
    return readNumber(this.path, file);
  }
}

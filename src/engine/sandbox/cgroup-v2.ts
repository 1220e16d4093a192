/** Accounts in control groups of version 2: one group a run. */
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ResourceGroup, ResourceController, GroupEntries, ResourceUsage } from './resource-controller';
import { endGroup, makeBase, readKey, readNumber, removeBase, removeGroup, trySet } from './cgroup-files';
import { type Limits, memoryBytesOf, tasksOf } from './limits';

/**
 * Below the group of a run: only groups without processes of their own can hand a controller down (cgroups(7)). The
 * supervisor has one of its own, as it must reap faster than the program forks.
 */
const PARTS = { supervisor: 'supervisor', program: 'program' } as const;
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
    const base = makeBase(parent);
    if (base === undefined) continue;
    if (handDown(base, '+memory +pids')) return new CgroupV2Controller(base, handDown(base, '+cpu'));
    removeBase(base);
  }
  return undefined;
}

/** A group has a controller only when the one above hands it down. */
function handDown(group: string, controllers: string): boolean {
  try {
    writeFileSync(join(group, 'cgroup.subtree_control'), controllers);
    return true;
  } catch {
    return false;
  }
}

class CgroupV2Controller implements ResourceController {
  readonly source = 'cgroup-v2';
  readonly enforces = true;

  constructor(
    private readonly base: string,
    private readonly sharesCpu: boolean,
  ) {}

  async open(runId: string, limits: Limits): Promise<ResourceGroup> {
    const path = join(this.base, runId);
    await mkdir(path);
    if (this.sharesCpu) {
      for (const part of Object.values(PARTS)) await mkdir(join(path, part));
      handDown(path, '+cpu');
      trySet(join(path, PARTS.supervisor), 'cpu.weight', SUPERVISOR_WEIGHT);
    }
    const account = new CgroupV2Group(path, this.sharesCpu);
    account.limit(limits);
    return account;
  }

  close(): Promise<void> {
    removeBase(this.base);
    return Promise.resolve();
  }
}

class CgroupV2Group implements ResourceGroup {
  readonly entries: GroupEntries;

  constructor(
    private readonly path: string,
    private readonly hasParts: boolean,
  ) {
    const entryOf = (part: string): string => join(path, part, 'cgroup.procs');
    this.entries = hasParts
      ? { sandbox: [entryOf(PARTS.supervisor)], program: [entryOf(PARTS.program)] }
      : { sandbox: [entryOf('.')], program: [] };
  }

  note(): void {
    // A group knows its processes.
  }

  limit(limits: Limits): void {
    writeFileSync(join(this.path, 'memory.max'), memoryBytesOf(limits).toString());
    trySet(this.path, 'memory.swap.max', 0);
    writeFileSync(join(this.path, 'pids.max'), tasksOf(limits).toString());
  }

  read(): ResourceUsage {
    return {
      cpuMs: readKey(this.path, 'cpu.stat', 'usage_usec') / 1000,
      memoryBytes: this.memoryBytes(),
      outOfMemory: readKey(this.path, 'memory.events', 'oom_kill') > 0,
    };
  }

  async close(): Promise<void> {
    const parts = this.hasParts ? Object.values(PARTS).map((part) => join(this.path, part)) : [];
    for (const path of [...parts, this.path]) {
      await endGroup(path);
      await removeGroup(path);
    }
  }

  /** memory.peak is there from Linux 5.19 on; before, what is used at the time of reading must do. */
  private memoryBytes(): number {
    const file = existsSync(join(this.path, 'memory.peak')) ? 'memory.peak' : 'memory.current';
    return readNumber(this.path, file);
  }
}

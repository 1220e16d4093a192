/** Accounts in control groups of version 2: one group a run. */
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/**
 * In the engine's own group, or in the nearest above it that hands the controllers down and that it may write to.
 * @param membership the text of /proc/self/cgroup
 */
export function findCgroupV2(root: string, membership: string): Accountant | undefined {
  if (!existsSync(join(root, 'cgroup.controllers'))) return undefined;
  let parent = join(root, /^0::(.*)$/m.exec(membership)?.[1] ?? '/');
  for (; parent.startsWith(root); parent = dirname(parent)) {
    const base = makeBase(parent);
    if (base === undefined) continue;
    if (handDown(base)) return new CgroupV2Accountant(base);
    removeBase(base);
  }
  return undefined;
}

/** A group has a controller only when the one above hands it down. */
function handDown(base: string): boolean {
  try {
    writeFileSync(join(base, 'cgroup.subtree_control'), '+memory +pids');
    return true;
  } catch {
    return false;
  }
}

class CgroupV2Accountant implements Accountant {
  readonly source = 'cgroup-v2';
  readonly enforces = true;

  constructor(private readonly base: string) {}

  async open(runId: string, limits: Limits): Promise<Account> {
    const path = join(this.base, runId);
    await mkdir(path);
    await writeFile(join(path, 'memory.max'), memoryBytesOf(limits).toString());
    await trySet(path, 'memory.swap.max', 0);
    await writeFile(join(path, 'pids.max'), tasksOf(limits).toString());
    return new CgroupV2Account(path);
  }

  close(): Promise<void> {
    removeBase(this.base);
    return Promise.resolve();
  }
}

class CgroupV2Account implements Account {
  constructor(private readonly path: string) {}

  async add(pid: number): Promise<void> {
    await addProcess(this.path, pid);
  }

  async read(): Promise<Usage> {
    return {
      cpuMs: (await readKey(this.path, 'cpu.stat', 'usage_usec')) / 1000,
      memoryBytes: await this.memoryBytes(),
      outOfMemory: (await readKey(this.path, 'memory.events', 'oom_kill')) > 0,
    };
  }

  async close(): Promise<void> {
    await endGroup(this.path);
    await removeGroup(this.path);
  }

  /** memory.peak is there from Linux 5.19 on; before, what is used at the time of reading must do. */
  private async memoryBytes(): Promise<number> {
    const file = existsSync(join(this.path, 'memory.peak')) ? 'memory.peak' : 'memory.current';
    return readNumber(this.path, file);
  }
}

import { readFile, readdir } from 'node:fs/promises';
import type { ResourceController, ResourceGroup, ResourceUsage } from './resource-controller';

/** Clock ticks per second in /proc: 100 on every Linux that Node supports (sysconf(3), _SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;

/** Reads resource usage from /proc while the processes run, on machines on which no cgroup can be created. */
export class ProcessTreeController implements ResourceController {
  readonly source = 'rusage';
  readonly enforcesLimits = false;

  openGroup(): Promise<ResourceGroup> {
    return Promise.resolve(new ProcessTreeGroup());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class ProcessTreeGroup implements ResourceGroup {
  readonly joinPaths = { sandbox: [], program: [] };
  private rootPid: number | undefined;

  setRootPid(pid: number): void {
    this.rootPid = pid;
  }

  setLimits(): void {
    // The LimitMonitor enforces the limits.
  }

  async readUsage(): Promise<ResourceUsage> {
    const pids = this.rootPid === undefined ? [] : await listTree(this.rootPid);
    const usages = await Promise.all(pids.map(readProcessUsage));
    return {
      cpuMs: usages.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      memoryBytes: usages.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      outOfMemory: false,
    };
  }

  close(): Promise<void> {
    this.rootPid = undefined;
    return Promise.resolve();
  }
}

async function listTree(rootPid: number): Promise<number[]> {
  const found = [rootPid];
  for (let index = 0; index < found.length; index += 1)
    found.push(...(await listChildren(found[index] ?? rootPid)));
  return found;
}

async function listChildren(pid: number): Promise<number[]> {
  const tasks = await orUndefined(readdir(`/proc/${pid.toString()}/task`));
  const lists = await Promise.all(
    (tasks ?? []).map((task) =>
      orUndefined(readFile(`/proc/${pid.toString()}/task/${task}/children`, 'utf8')),
    ),
  );
  return lists.flatMap((list) => (list ?? '').split(' ').filter(Boolean).map(Number));
}

/** A process that exits in the meantime counts as 0: its CPU time has been added to that of its parent. */
async function readProcessUsage(pid: number): Promise<{ cpuMs: number; memoryBytes: number }> {
  const [stat, status] = await Promise.all([
    orUndefined(readFile(`/proc/${pid.toString()}/stat`, 'utf8')),
    orUndefined(readFile(`/proc/${pid.toString()}/status`, 'utf8')),
  ]);
  // proc(5): after the name in parentheses, fields 14 to 17 are utime, stime, cutime and cstime.
  const fields = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  // Without file-backed pages, which are shared and would count once for every process.
  const kib = [...(status ?? '').matchAll(/^(?:RssAnon|RssShmem):\s+(\d+)/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  );
  return { cpuMs: (ticks * 1000) / TICKS_PER_SECOND, memoryBytes: kib * 1024 };
}

async function orUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}

/** Accounts of runs where no control group can be made: the figures of /proc, taken while the processes live. */
import { readFile, readdir } from 'node:fs/promises';
import type { ResourceGroup, ResourceController, ResourceUsage } from './resource-controller';

/** Clock ticks of /proc in a second: 100 on every Linux that Node runs on (sysconf(3), _SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;

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
    // Whoever watches knows the limits.
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

async function listTree(root: number): Promise<number[]> {
  const found = [root];
  for (let index = 0; index < found.length; index += 1)
    found.push(...(await listChildren(found[index] ?? root)));
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

/** A process that ends while it is read has used nothing: its parent has its CPU time by then. */
async function readProcessUsage(pid: number): Promise<{ cpuMs: number; memoryBytes: number }> {
  const [stat, status] = await Promise.all([
    orUndefined(readFile(`/proc/${pid.toString()}/stat`, 'utf8')),
    orUndefined(readFile(`/proc/${pid.toString()}/status`, 'utf8')),
  ]);
  // proc(5): after the name in parentheses, fields 14 to 17 are utime, stime, cutime and cstime.
  const fields = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  // Shared pages of files do not count: they would be counted once for every process.
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

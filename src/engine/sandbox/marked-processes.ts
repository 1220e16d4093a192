/** Finds and kills processes that survive their supervisor in a run without isolation. */
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const ATTEMPTS_MAX = 50;
/** ms between two searches. */
const PAUSE_MS = 2;

/**
 * Kills processes with the mark in their environment until there are none. Orphans cannot be found through their parent, but
 * they inherit the environment. A process that removed the mark from its environment is not found: a cgroup still contains
 * it, and without cgroups nothing does.
 * @param mark `NAME=value`
 */
export async function killMarkedProcesses(mark: string): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const pids = await findMarkedPids(mark);
    if (pids.length === 0) return;
    pids.forEach(tryKill);
    await delay(PAUSE_MS);
  }
}

/** Ignores processes that have exited or belong to another user. */
export function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Nothing else can be done.
  }
}

async function findMarkedPids(mark: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  // One at a time, because file descriptors may be scarce at this moment.
  for (const pid of pids) if (await hasMark(pid, mark)) found.push(Number(pid));
  return found.filter((pid) => pid !== process.pid);
}

async function hasMark(pid: string, mark: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/environ`, 'latin1')).split('\0').includes(mark);
  } catch {
    return false; // the process has exited or belongs to another user
  }
}

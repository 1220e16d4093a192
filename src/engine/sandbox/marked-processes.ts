/** Ends what a run without isolation left behind when its program killed the supervisor that would have ended it. */
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const ATTEMPTS_MAX = 50;
const PAUSE_MS = 2;

/**
 * Kills every process that has the mark in its environment, until there is none. Orphans have no parent to be found by,
 * but they inherit the environment. A process that took the mark out of its own is not found this way; a control group
 * still reaches it, and where there is none, nothing does.
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

/** It may have ended by itself, or be another user's. */
export function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // There is nothing more to do about it.
  }
}

async function findMarkedPids(mark: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  // One after the other: this may be the moment at which descriptors are short.
  for (const pid of pids) if (await hasMark(pid, mark)) found.push(Number(pid));
  return found.filter((pid) => pid !== process.pid);
}

async function hasMark(pid: string, mark: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/environ`, 'latin1')).split('\0').includes(mark);
  } catch {
    return false; // ended, or of another user
  }
}

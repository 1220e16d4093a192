/** Making and removing control groups: one an engine, named by its process, and one below it a run. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tryKill } from './marked-processes';
import { isProcessAlive, processKey } from './process-key';

const PREFIX = 'service-server-';
/** The kernel may hold a group for a moment after its last process was reaped. */
const REMOVAL_ATTEMPTS = 10;
const REMOVAL_PAUSE_MS = 20;

/** This engine's group below `parent`, or undefined where none can be made. What dead engines left there goes. */
export function createEngineGroup(parent: string): string | undefined {
  try {
    for (const name of readdirSync(parent)) {
      if (name.startsWith(PREFIX) && !isProcessAlive(name.slice(PREFIX.length)))
        removeEngineGroup(join(parent, name));
    }
    const base = join(parent, `${PREFIX}${processKey(process.pid)}`);
    mkdirSync(base, { recursive: true });
    return base;
  } catch {
    return undefined;
  }
}

export function removeEngineGroup(base: string): void {
  try {
    removeGroupTree(base);
  } catch {
    // A process in it is still dying; the engine that starts next removes it.
  }
}

/** The files of a group go with it, and cannot be removed themselves. */
function removeGroupTree(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroupTree(join(group, entry.name));
  }
  rmdirSync(group);
}

/**
 * Ends what is still in the group: without isolation a program can kill its supervisor and live on. One that has the
 * engine's own user can also leave its group, where that user may write to the group above; nothing reaches it then.
 */
export async function killGroup(path: string): Promise<void> {
  for (let attempt = 1; attempt <= REMOVAL_ATTEMPTS; attempt += 1) {
    const pids = await listProcesses(path);
    if (pids.length === 0) return;
    // Nobody forks faster than they are killed.
    writeIfSupported(path, 'pids.max', 0);
    if (existsSync(join(path, 'cgroup.kill'))) writeIfSupported(path, 'cgroup.kill', 1);
    else pids.forEach(tryKill);
    await delay(REMOVAL_PAUSE_MS);
  }
}

/** A process of a pid namespace that is not to be seen from here reads as 0. */
async function listProcesses(path: string): Promise<number[]> {
  try {
    const text = await readFile(join(path, 'cgroup.procs'), 'utf8');
    return text
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return []; // the group is gone
  }
}

export async function removeGroup(path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rmdir(path);
      return;
    } catch (error) {
      if (attempt === REMOVAL_ATTEMPTS) throw error;
      await delay(REMOVAL_PAUSE_MS);
    }
  }
}

/** Sets what only refines the group, and may be missing on this kernel. */
export function writeIfSupported(path: string, file: string, value: number): void {
  try {
    writeFileSync(join(path, file), value.toString());
  } catch {
    // The kernel has no such file here.
  }
}

export function readNumber(path: string, file: string): number {
  return Number(readFileSync(join(path, file), 'utf8').trim());
}

/** One value of a file of `key value` lines; 0 when it has none. */
export function readKeyedNumber(path: string, file: string, key: string): number {
  const text = readFileSync(join(path, file), 'utf8');
  return Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

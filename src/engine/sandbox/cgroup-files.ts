/** Creates and removes cgroups: one for each engine, named after its process, and in it one for each run. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tryKill } from './marked-processes';
import { isProcessAlive, processKey } from './process-key';

/** The prefix by which an engine that starts finds the cgroups of crashed ones. */
const PREFIX = 'service-server-';
/** The kernel may keep a cgroup busy for a moment after its last process was reaped. */
const REMOVAL_ATTEMPTS_MAX = 10;
const REMOVAL_PAUSE_MS = 20;

/**
 * Creates the cgroup of this engine below `parent`, and removes those of engines that no longer run.
 * @returns undefined when it cannot be created
 */
export function createEngineGroup(parent: string): string | undefined {
  try {
    for (const name of readdirSync(parent)) {
      if (name.startsWith(PREFIX) && !isProcessAlive(name.slice(PREFIX.length)))
        removeEngineGroup(join(parent, name));
    }
    const engineGroup = join(parent, `${PREFIX}${processKey(process.pid)}`);
    mkdirSync(engineGroup, { recursive: true });
    return engineGroup;
  } catch {
    return undefined;
  }
}

export function removeEngineGroup(engineGroup: string): void {
  try {
    removeGroupTree(engineGroup);
  } catch {
    // A process in it has not exited yet. The next engine that starts removes the cgroup.
  }
}

/** The control files in a cgroup cannot be deleted; they disappear with its directory. */
function removeGroupTree(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroupTree(join(group, entry.name));
  }
  rmdirSync(group);
}

/**
 * Kills all processes in the cgroup: without isolation a program can kill its supervisor and survive it. A process of the
 * engine's own user that may write to the parent cgroup can also leave its cgroup; then nothing can kill it.
 */
export async function killRunGroup(path: string): Promise<void> {
  for (let attempt = 1; attempt <= REMOVAL_ATTEMPTS_MAX; attempt += 1) {
    const pids = await listProcesses(path);
    if (pids.length === 0) return;
    // Otherwise the processes could fork faster than they are killed.
    writeIfSupported(path, 'pids.max', 0);
    if (existsSync(join(path, 'cgroup.kill'))) writeIfSupported(path, 'cgroup.kill', 1);
    else pids.forEach(tryKill);
    await delay(REMOVAL_PAUSE_MS);
  }
}

/** Leaves out processes of pid namespaces that are not visible here, which the kernel lists as 0. */
async function listProcesses(path: string): Promise<number[]> {
  try {
    const text = await readFile(join(path, 'cgroup.procs'), 'utf8');
    return text
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return []; // the cgroup does not exist any more
  }
}

export async function removeRunGroup(path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rmdir(path);
      return;
    } catch (error) {
      if (attempt === REMOVAL_ATTEMPTS_MAX) throw error;
      await delay(REMOVAL_PAUSE_MS);
    }
  }
}

/** Writes an optional setting of a cgroup, whose file does not exist on every kernel. */
export function writeIfSupported(path: string, file: string, value: number): void {
  try {
    writeFileSync(join(path, file), value.toString());
  } catch {
    // This kernel does not have the file, or the cgroup has been removed.
  }
}

export function readNumber(path: string, file: string): number {
  return Number(readFileSync(join(path, file), 'utf8').trim());
}

/** Reads one value of a file with lines `key value`; 0 when the key does not exist. */
export function readKeyedNumber(path: string, file: string, key: string): number {
  const text = readFileSync(join(path, file), 'utf8');
  return Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

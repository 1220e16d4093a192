/** The directories of runs: made for one, removed after it, and after a crash by the engine that starts next. */
import { randomUUID } from 'node:crypto';
import { chown, mkdir, open, readdir, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sandboxUid } from './sandbox/launch';
import { openNothing } from './sandbox/open-nothing';
import { isProcessAlive, processKey } from './sandbox/process-key';

const OWNER_ONLY = 0o700;
/** The user of the sandboxes passes through, but cannot look around. */
const PASSABLE = 0o711;

export interface Workspace {
  readonly appDir: string;
  openInput(): Promise<FileHandle>;
  remove(): Promise<void>;
}

export class Workspaces {
  private readonly runs: string;
  private readonly own: string;

  constructor(workDir: string) {
    this.runs = join(workDir, 'runs');
    this.own = join(this.runs, processKey(process.pid));
  }

  async open(): Promise<void> {
    await mkdir(this.own, { recursive: true, mode: PASSABLE });
    for (const key of await readdir(this.runs)) {
      if (!isProcessAlive(key)) await rm(join(this.runs, key), { recursive: true, force: true });
    }
  }

  async create(fileName: string, code: string, input: string): Promise<Workspace> {
    const root = join(this.own, randomUUID());
    const appDir = join(root, 'app');
    const inputPath = join(root, 'input');
    const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
    try {
      for (const directory of [root, appDir, join(root, 'home')]) await makeOwnDirectory(directory);
      await writeFile(join(appDir, fileName), code, { mode: 0o644 });
      if (input !== '') await writeFile(inputPath, input, { mode: 0o644 });
    } catch (error) {
      await remove();
      throw error;
    }
    return {
      appDir,
      openInput: () => (input === '' ? openNothing() : open(inputPath, 'r')),
      remove,
    };
  }

  async close(): Promise<void> {
    await rm(this.own, { recursive: true, force: true });
  }
}

/** A directory that only the engine and the user of its sandboxes can enter. */
export async function makeOwnDirectory(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: PASSABLE });
  await mkdir(path, { recursive: true, mode: OWNER_ONLY });
  const uid = sandboxUid();
  if (uid !== undefined) await chown(path, uid, uid);
}

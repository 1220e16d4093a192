import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deferred } from '../common/async/deferred';
import { sandboxUid } from './sandbox/launch';
import { isProcessAlive, processKey } from './sandbox/process-key';

const OWNER_ONLY_MODE = 0o700;
/** The user of the sandboxes can enter the directory, but not list it. */
const TRAVERSE_ONLY_MODE = 0o711;
const FILE_MODE = 0o644;
/** Up to this size, a synchronous write takes less time than passing the write to another thread. */
const SYNC_WRITE_BYTES_MAX = 64 * 1024;

/**
 * The directory of one run. Small operations are synchronous: each takes the kernel a few microseconds, a tenth of what
 * passing it to another thread costs.
 */
export class Workspace {
  readonly appDir: string;
  private readonly inputPath: string;
  private retained: Promise<void> | undefined;

  constructor(private readonly root: string) {
    this.appDir = join(root, 'app');
    this.inputPath = join(root, 'input');
  }

  create(): void {
    for (const directory of [this.root, this.appDir, join(this.root, 'home')])
      createSandboxDirectory(directory);
    writeFileSync(this.inputPath, '', { mode: FILE_MODE });
  }

  /** False if something has removed it, for example a cleaner of /tmp. */
  get isIntact(): boolean {
    return existsSync(this.appDir) && existsSync(this.inputPath);
  }

  /** Creates a directory in `appDir`. */
  createAppDirectory(name: string): void {
    mkdirSync(join(this.appDir, name), { mode: 0o755 });
  }

  async writeCode(fileName: string, code: string): Promise<void> {
    await writeText(join(this.appDir, fileName), code);
  }

  /** May be called after the program has opened the file, as long as it has not read to the end. */
  async writeInput(input: string): Promise<void> {
    if (input !== '') await writeText(this.inputPath, input);
  }

  /** Returns a file descriptor that the caller closes. */
  openInput(): number {
    return openSync(this.inputPath, 'r');
  }

  /** Delays `remove` until the returned function is called. */
  retain(): () => void {
    const { promise, resolve } = deferred();
    this.retained = promise;
    return resolve;
  }

  async remove(): Promise<void> {
    await this.retained;
    await rm(this.root, { recursive: true, force: true });
  }
}

/**
 * Creates the workspaces of this process. Those that a crashed process has left are removed when the next engine opens.
 */
export class Workspaces {
  private readonly runsDirectory: string;
  private readonly processDirectory: string;

  constructor(workDir: string) {
    this.runsDirectory = join(workDir, 'runs');
    this.processDirectory = join(this.runsDirectory, processKey(process.pid));
  }

  async open(): Promise<void> {
    mkdirSync(this.processDirectory, { recursive: true, mode: TRAVERSE_ONLY_MODE });
    for (const key of readdirSync(this.runsDirectory)) {
      if (!isProcessAlive(key)) await rm(join(this.runsDirectory, key), { recursive: true, force: true });
    }
  }

  create(): Workspace {
    const workspace = new Workspace(join(this.processDirectory, randomUUID()));
    workspace.create();
    return workspace;
  }

  async close(): Promise<void> {
    await rm(this.processDirectory, { recursive: true, force: true });
  }
}

async function writeText(path: string, text: string): Promise<void> {
  if (text.length <= SYNC_WRITE_BYTES_MAX) writeFileSync(path, text, { mode: FILE_MODE });
  else await writeFile(path, text, { mode: FILE_MODE });
}

/** Creates a directory that only the engine and the user of its sandboxes can enter. Does nothing if it exists. */
export function createSandboxDirectory(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: TRAVERSE_ONLY_MODE });
  mkdirSync(path, { recursive: true, mode: OWNER_ONLY_MODE });
  const uid = sandboxUid();
  if (uid !== undefined) chownSync(path, uid, uid);
}

/** The directories of runs: made for one, removed after it, and after a crash by the engine that starts next. */
import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deferred } from '../common/async/deferred';
import { sandboxUid } from './sandbox/launch';
import { isProcessAlive, processKey } from './sandbox/process-key';

const OWNER_ONLY = 0o700;
/** The user of the sandboxes passes through, but cannot look around. */
const PASSABLE = 0o711;
const FILE_MODE = 0o644;
/** What is written at once, since handing it to another thread takes longer than writing it. */
const SMALL_BYTES = 64 * 1024;

/**
 * The directory of one run. Small things are done synchronously: each takes a few microseconds of the kernel, a tenth of
 * what handing them to another thread costs.
 */
export class Workspace {
  readonly appDir: string;
  private readonly inputPath: string;
  private kept: Promise<void> | undefined;

  constructor(private readonly root: string) {
    this.appDir = join(root, 'app');
    this.inputPath = join(root, 'input');
  }

  make(): void {
    for (const directory of [this.root, this.appDir, join(this.root, 'home')]) makeOwnDirectory(directory);
    writeFileSync(this.inputPath, '', { mode: FILE_MODE });
  }

  /** Whoever cleans up /tmp may have taken it away. */
  get isThere(): boolean {
    return existsSync(this.appDir) && existsSync(this.inputPath);
  }

  /** Of the app directory. */
  makeDirectory(name: string): void {
    mkdirSync(join(this.appDir, name), { mode: 0o755 });
  }

  async putCode(fileName: string, code: string): Promise<void> {
    await put(join(this.appDir, fileName), code);
  }

  /** What is written later is there to be read, as long as nobody has read to the end yet. */
  async putInput(input: string): Promise<void> {
    if (input !== '') await put(this.inputPath, input);
  }

  /** A descriptor to close. */
  openInput(): number {
    return openSync(this.inputPath, 'r');
  }

  /** Somebody still needs what is in it, until the function is called that this gives. */
  keep(): () => void {
    const { promise, resolve } = deferred();
    this.kept = promise;
    return resolve;
  }

  async remove(): Promise<void> {
    await this.kept;
    await rm(this.root, { recursive: true, force: true });
  }
}

export class Workspaces {
  private readonly runs: string;
  private readonly own: string;

  constructor(workDir: string) {
    this.runs = join(workDir, 'runs');
    this.own = join(this.runs, processKey(process.pid));
  }

  async open(): Promise<void> {
    mkdirSync(this.own, { recursive: true, mode: PASSABLE });
    for (const key of readdirSync(this.runs)) {
      if (!isProcessAlive(key)) await rm(join(this.runs, key), { recursive: true, force: true });
    }
  }

  create(): Workspace {
    const workspace = new Workspace(join(this.own, randomUUID()));
    workspace.make();
    return workspace;
  }

  async close(): Promise<void> {
    await rm(this.own, { recursive: true, force: true });
  }
}

async function put(path: string, text: string): Promise<void> {
  if (text.length <= SMALL_BYTES) writeFileSync(path, text, { mode: FILE_MODE });
  else await writeFile(path, text, { mode: FILE_MODE });
}

/** A directory that only the engine and the user of its sandboxes can enter. */
export function makeOwnDirectory(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: PASSABLE });
  mkdirSync(path, { recursive: true, mode: OWNER_ONLY });
  const uid = sandboxUid();
  if (uid !== undefined) chownSync(path, uid, uid);
}

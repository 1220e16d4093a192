/**
 * What was compiled, kept by everything that decides about it: language, version, command, environment and code. Bounded;
 * what was used least recently goes first. Kept over restarts, and read-only to the runs, which see links to it.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompileReport } from '../engine-contract/report';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import type { Program } from './sandbox/prepared-sandbox';

const APP = 'app';
const REPORT = 'report.json';
/** Of one being put in; what a dead engine left of that goes at the next start. */
const PARTIAL = '.partial-';
const TRAVERSE_ONLY_MODE = 0o711;

export interface CompiledFiles {
  readonly directory: string;
  readonly report: CompileReport;
}

export class CompiledProgramCache {
  /** Bytes by key, the least recently used first. */
  private readonly sizes = new Map<string, number>();
  private bytes = 0;

  /** @param bytesMax 0 keeps nothing */
  constructor(
    private readonly root: string,
    private readonly bytesMax: number,
  ) {}

  open(): void {
    mkdirSync(this.root, { recursive: true, mode: TRAVERSE_ONLY_MODE });
    const names = readdirSync(this.root);
    for (const name of names) if (name.startsWith(PARTIAL)) rmSync(join(this.root, name), RECURSIVELY);
    const found = names.flatMap((key) => {
      const usedAt = statSync(join(this.root, key, REPORT), { throwIfNoEntry: false })?.mtimeMs;
      return usedAt === undefined ? [] : [{ key, usedAt }];
    });
    for (const { key } of found.sort((a, b) => a.usedAt - b.usedAt)) {
      this.record(key, sizeBytes(join(this.root, key)));
    }
    this.evict();
  }

  /** @param fileName the code's, which some languages put into what they make of it */
  keyOf(
    { runtime, version }: InstalledRuntime,
    { command, environment }: Program,
    fileName: string,
    code: string,
  ): string {
    const parts = [runtime.id, version, command, environment, fileName, code];
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  }

  find(key: string): CompiledFiles | undefined {
    if (this.bytesMax === 0) return undefined;
    const directory = join(this.root, key);
    try {
      statSync(join(directory, APP));
      const report = JSON.parse(readFileSync(join(directory, REPORT), 'utf8')) as CompileReport;
      const now = new Date();
      utimesSync(join(directory, REPORT), now, now);
      this.record(key, this.sizes.get(key) ?? sizeBytes(directory));
      return { directory: join(directory, APP), report };
    } catch {
      // Not there, or somebody has taken away some of it: then it is compiled, and kept as a whole.
      this.remove(key);
      return undefined;
    }
  }

  /** Moves a directory in, as a whole or not at all. What is larger than everything may be stays where it is. */
  store(key: string, directory: string, report: CompileReport): void {
    if (this.bytesMax === 0 || sizeBytes(directory) > this.bytesMax) return;
    const partial = join(this.root, `${PARTIAL}${randomUUID()}`);
    try {
      mkdirSync(partial, { recursive: true, mode: TRAVERSE_ONLY_MODE });
      copyTree(directory, join(partial, APP));
      writeFileSync(join(partial, REPORT), JSON.stringify(report));
      renameSync(partial, join(this.root, key));
      this.record(key, sizeBytes(join(this.root, key)));
      this.evict();
    } catch {
      // Another execution of the same code was faster, or there is no room: the next one compiles again.
      rmSync(partial, RECURSIVELY);
    }
  }

  private record(key: string, size: number): void {
    this.forget(key);
    this.sizes.set(key, size);
    this.bytes += size;
  }

  private forget(key: string): void {
    this.bytes -= this.sizes.get(key) ?? 0;
    this.sizes.delete(key);
  }

  private evict(): void {
    for (const key of this.sizes.keys()) {
      if (this.bytes <= this.bytesMax) return;
      this.remove(key);
    }
  }

  /** At once out of reach, so that nobody finds half of it, and then away. */
  private remove(key: string): void {
    this.forget(key);
    const partial = join(this.root, `${PARTIAL}${randomUUID()}`);
    try {
      renameSync(join(this.root, key), partial);
    } catch {
      return; // it was not there
    }
    void rm(partial, RECURSIVELY).catch(() => undefined);
  }
}

const RECURSIVELY = { recursive: true, force: true } as const;

/**
 * The same files in another place, as links where the file system has them: a run sees them read-only, and its directory
 * goes without them. Nothing but files and directories, as links could lead elsewhere.
 */
export function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o755 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isFile()) linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    copyFileSync(source, target);
  }
}

function sizeBytes(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeBytes(join(path, name)), 0);
}

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
/** Prefix of incomplete entries. Those that a crashed engine has left are removed at the next start. */
const PARTIAL = '.partial-';
const TRAVERSE_ONLY_MODE = 0o711;
const REMOVE_TREE = { recursive: true, force: true } as const;

/** The files that a compiler has written, and the report of the compilation. */
export interface CompiledFiles {
  readonly directory: string;
  readonly report: CompileReport;
}

/**
 * Stores compiled programs on disk by everything that determines them: language, version, command, environment and code.
 * The cache is bounded and evicts the least recently used entry first. It survives restarts. Runs see hard links to the
 * files, which are read-only.
 */
export class CompiledProgramCache {
  /** Bytes by key, the least recently used first. */
  private readonly sizes = new Map<string, number>();
  private bytes = 0;

  /** @param bytesMax 0 disables the cache */
  constructor(
    private readonly root: string,
    private readonly bytesMax: number,
  ) {}

  /** Call once, before all other methods. Removes incomplete entries and evicts what exceeds the bound. */
  open(): void {
    mkdirSync(this.root, { recursive: true, mode: TRAVERSE_ONLY_MODE });
    const names = readdirSync(this.root);
    for (const name of names) if (name.startsWith(PARTIAL)) rmSync(join(this.root, name), REMOVE_TREE);
    const found = names.flatMap((key) => {
      const usedAt = statSync(join(this.root, key, REPORT), { throwIfNoEntry: false })?.mtimeMs;
      return usedAt === undefined ? [] : [{ key, usedAt }];
    });
    for (const { key } of found.sort((a, b) => a.usedAt - b.usedAt)) {
      this.record(key, sizeBytes(join(this.root, key)));
    }
    this.evict();
  }

  /** @param fileName part of the key because some compilers write it into their output */
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
      // The entry does not exist or is incomplete, so the program is compiled and stored again.
      this.remove(key);
      return undefined;
    }
  }

  /** Stores a directory completely or not at all. A directory that is larger than the whole cache is not stored. */
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
      // Another execution stored the same code first, or the disk is full. The next execution compiles again.
      rmSync(partial, REMOVE_TREE);
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

  /** Renames the entry first, so that no execution finds an incomplete one. */
  private remove(key: string): void {
    this.forget(key);
    const partial = join(this.root, `${PARTIAL}${randomUUID()}`);
    try {
      renameSync(join(this.root, key), partial);
    } catch {
      return; // the entry does not exist
    }
    void rm(partial, REMOVE_TREE).catch(() => undefined);
  }
}

/**
 * Copies a directory tree, as hard links where the file system supports them. A run sees the files read-only, and removing
 * its directory does not remove them. Only files and directories are copied: symbolic links could point outside the tree.
 */
export function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o755 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
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

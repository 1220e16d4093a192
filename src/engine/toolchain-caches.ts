import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineSettings } from '../config/settings';
import type { Compiler } from './compiler';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import { toSourceFile } from './source-file';
import { createSandboxDirectory } from './workspaces';

/** Milliseconds of wall time: enough to compile a standard library on a slow machine. */
const FILL_TIMEOUT_MS = 180_000;

/**
 * Directories in which toolchains cache their own files between compilations, for example GOCACHE. Filled once in the
 * background, kept over restarts. Not to be confused with `CompiledProgramCache`, which stores the compiled programs.
 */
export class ToolchainCaches {
  private readonly pendingFills = new Map<string, Promise<void>>();

  constructor(private readonly settings: EngineSettings) {}

  /** Undefined if the toolchain of the language has no cache. */
  directoryFor({ runtime, version }: InstalledRuntime): string | undefined {
    return runtime.cache && join(this.settings.workDir, 'caches', `${runtime.id}-${version}`);
  }

  /**
   * Undefined unless the cache is being filled. The promise never rejects: if the cache cannot be filled, compilations
   * work, but take longer.
   */
  pendingFill({ runtime }: InstalledRuntime): Promise<void> | undefined {
    return this.pendingFills.get(runtime.id);
  }

  /** Fills the cache in the background, unless an earlier engine has. @param signal stops it */
  fill(installed: InstalledRuntime, compiler: Compiler, signal: AbortSignal): void {
    const directory = this.directoryFor(installed);
    if (directory === undefined) return;
    const { id } = installed.runtime;
    const pendingFill = this.fillIfEmpty(installed, directory, compiler, signal).finally(() => {
      this.pendingFills.delete(id);
    });
    this.pendingFills.set(id, pendingFill);
  }

  async allFilled(): Promise<void> {
    await Promise.all(this.pendingFills.values());
  }

  private async fillIfEmpty(
    installed: InstalledRuntime,
    directory: string,
    compiler: Compiler,
    signal: AbortSignal,
  ): Promise<void> {
    const marker = `${directory}.filled`;
    try {
      createSandboxDirectory(directory);
      if (await exists(marker)) return;
      const { compile, cache } = installed.runtime;
      if (!compile || !cache) return;
      const request = { ...toSourceFile(installed, cache.code), compile };
      const options = { signal, cacheDir: directory, compileTimeoutMs: FILL_TIMEOUT_MS };
      const result = await compiler.compileUncached(request, options);
      if (result.kind === 'failure') return;
      result.release();
      await writeFile(marker, '');
    } catch {
      // Compilations work without the cache, so there is nothing to handle.
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

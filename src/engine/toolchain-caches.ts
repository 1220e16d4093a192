/** Caches of compilers that need one: filled once in the background, kept over restarts, awaited by executions. */
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineSettings } from '../config/settings';
import { type Executor, fileNameOf } from './executor';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import { createSandboxDirectory } from './workspaces';

/** ms of CPU and wall time for building a standard library on a slow machine. */
const FILL_TIMEOUT_MS = 180_000;

export class ToolchainCaches {
  private readonly pendingFills = new Map<string, Promise<void>>();

  constructor(private readonly settings: EngineSettings) {}

  /** Undefined when the language has none. */
  directoryFor({ runtime, version }: InstalledRuntime): string | undefined {
    return runtime.cache && join(this.settings.workDir, 'caches', `${runtime.id}-${version}`);
  }

  /**
   * Undefined unless the cache is being filled. Settles when it is there, or could not be filled: compilations are then
   * slow, but work.
   */
  pendingFill({ runtime }: InstalledRuntime): Promise<void> | undefined {
    return this.pendingFills.get(runtime.id);
  }

  fill(installed: InstalledRuntime, executor: Executor, signal: AbortSignal): void {
    const directory = this.directoryFor(installed);
    if (directory === undefined) return;
    const { id } = installed.runtime;
    const filling = this.fillIfEmpty(installed, directory, executor, signal).finally(() => {
      this.pendingFills.delete(id);
    });
    this.pendingFills.set(id, filling);
  }

  async allFilled(): Promise<void> {
    await Promise.all(this.pendingFills.values());
  }

  private async fillIfEmpty(
    installed: InstalledRuntime,
    directory: string,
    executor: Executor,
    signal: AbortSignal,
  ): Promise<void> {
    const marker = `${directory}.filled`;
    try {
      createSandboxDirectory(directory);
      if (await exists(marker)) return;
      const { compile, cache } = installed.runtime;
      if (!compile || !cache) return;
      const request = { code: cache.code };
      const source = { compile, installed, request, fileName: fileNameOf(installed, request) };
      const options = { signal, cacheDir: directory, compileTimeoutMs: FILL_TIMEOUT_MS };
      const compilation = await executor.compiler.compileUncached(source, options, undefined);
      if (compilation.kind === 'failure') return;
      compilation.release();
      await writeFile(marker, '');
    } catch {
      // Slow compilations are all that follows.
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

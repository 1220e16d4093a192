/** Caches of compilers that need one: filled once in the background, kept over restarts, awaited by executions. */
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineSettings } from '../config/settings';
import { type Executor, fileNameOf } from './executor';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import { makeOwnDirectory } from './workspaces';

/** ms of CPU and wall time for building a standard library on a slow machine. */
const WARM_UP_TIMEOUT_MS = 180_000;

export class CompilerCaches {
  private readonly fillings = new Map<string, Promise<void>>();

  constructor(private readonly settings: EngineSettings) {}

  /** Undefined when the language has none. */
  dirOf({ runtime, version }: InstalledRuntime): string | undefined {
    return runtime.cache && join(this.settings.workDir, 'caches', `${runtime.id}-${version}`);
  }

  /**
   * Undefined unless the cache is being filled. Settles when it is there, or could not be filled: compilations are then
   * slow, but work.
   */
  filling({ runtime }: InstalledRuntime): Promise<void> | undefined {
    return this.fillings.get(runtime.id);
  }

  fill(installed: InstalledRuntime, executor: Executor, signal: AbortSignal): void {
    const directory = this.dirOf(installed);
    if (directory === undefined) return;
    const { id } = installed.runtime;
    const filling = this.fillOne(installed, directory, executor, signal).finally(() => {
      this.fillings.delete(id);
    });
    this.fillings.set(id, filling);
  }

  async settled(): Promise<void> {
    await Promise.all(this.fillings.values());
  }

  private async fillOne(
    installed: InstalledRuntime,
    directory: string,
    executor: Executor,
    signal: AbortSignal,
  ): Promise<void> {
    const marker = `${directory}.filled`;
    try {
      makeOwnDirectory(directory);
      if (await exists(marker)) return;
      const { compile, cache } = installed.runtime;
      if (!compile || !cache) return;
      const request = { code: cache.code };
      const source = { compile, installed, request, fileName: fileNameOf(installed, request) };
      const options = { signal, cacheDir: directory, compileTimeoutMs: WARM_UP_TIMEOUT_MS };
      const compilation = await executor.compiler.compileNow(source, options, undefined);
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

/** Caches of compilers that need one: filled once in the background, kept over restarts, awaited by executions. */
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineSettings } from '../config/settings';
import type { Executor } from './execution';
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
      await makeOwnDirectory(directory);
      if (await exists(marker)) return;
      const request = {
        jobId: `cache of ${installed.runtime.id}`,
        language: installed.runtime.id,
        code: installed.runtime.cache?.code ?? '',
        input: '',
        timeoutMs: WARM_UP_TIMEOUT_MS,
      };
      const options = {
        signal,
        onOutput: () => undefined,
        cacheDir: directory,
        compileTimeoutMs: WARM_UP_TIMEOUT_MS,
      };
      const { verdict } = await executor.execute(request, installed, options);
      if (verdict === 'OK') await writeFile(marker, '');
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

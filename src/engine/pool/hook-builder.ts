/** Builds the hooks in which interpreters wait, of languages that are compiled: once for each version, with its compiler. */
import { existsSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { EngineSettings } from '../../config/settings';
import type { Preload, PreloadContext } from '../runtimes/runtime';
import type { InstalledRuntime } from '../runtimes/runtime.registry';
import { PATHS } from '../sandbox/bubblewrap';
import { EngineError } from '../sandbox/engine.error';
import { compileLimits } from '../limits';
import { createSandboxDirectory } from '../workspaces';
import type { RunFactory } from './run-factory';

/** Below the directory of the engine's own files. */
export const builtName = ({ runtime, version }: InstalledRuntime): string => `built/${runtime.id}-${version}`;

export class HookBuilder {
  /** @param engineDir gives the directory of the engine's own files, on this side of the sandbox */
  constructor(
    private readonly settings: EngineSettings,
    private readonly places: RunFactory,
    private readonly engineDir: () => string,
  ) {}

  /** Does nothing when it is there; it may have been cleaned away. @throws EngineError */
  async build(
    installed: InstalledRuntime,
    commandOf: NonNullable<Preload['build']>,
    context: PreloadContext,
  ): Promise<void> {
    const target = join(this.engineDir(), builtName(installed));
    if (existsSync(target)) return;
    // Other engines may build the same, and share the directory.
    const partial = `${target}.${randomUUID()}`;
    createSandboxDirectory(partial);
    try {
      await this.buildInto(partial, installed, commandOf, context);
      if (!existsSync(target)) renameSync(partial, target);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }

  private async buildInto(
    directory: string,
    { runtime, toolchains }: InstalledRuntime,
    commandOf: NonNullable<Preload['build']>,
    context: PreloadContext,
  ): Promise<void> {
    const limits = compileLimits(this.settings, this.settings.compileTimeoutMs);
    const spec = { writesApp: true, toolchains, cacheDir: directory, diskMb: limits.diskMb, inputBytes: 0 };
    const { sandbox } = await this.places.make(spec, limits);
    const command = commandOf({ ...context, memoryMb: limits.memoryMb, buildDirectory: PATHS.cache });
    const program = { command, environment: runtime.environment ?? {}, limits };
    const options = { signal: new AbortController().signal, onOutput: () => undefined };
    const { exitCode, output } = await sandbox.run(program, '', options);
    if (exitCode !== 0) throw new EngineError(`The hook of ${runtime.name} was not built: ${output.stderr}`);
  }
}

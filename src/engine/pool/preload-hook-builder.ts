import { existsSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { EngineSettings } from '../../config/settings';
import type { Preload, PreloadContext } from '../runtimes/runtime';
import type { InstalledRuntime } from '../runtimes/runtime.registry';
import { PATHS } from '../sandbox/bubblewrap-launch';
import { EngineError } from '../sandbox/engine.error';
import { compileLimits } from '../request-limits';
import { createSandboxDirectory } from '../workspaces';
import type { RunFactory } from './run-factory';

/** Where a compiled hook is, relative to the directory of the engine files. */
export const builtHookDirectory = ({ runtime, version }: InstalledRuntime): string =>
  `built/${runtime.id}-${version}`;

/** Compiles the preload hooks of compiled languages, once for each version and with that version's compiler. */
export class PreloadHookBuilder {
  /** @param engineDir returns the path, on the host, of the directory with the engine files */
  constructor(
    private readonly settings: EngineSettings,
    private readonly runFactory: RunFactory,
    private readonly engineDir: () => string,
  ) {}

  /** Builds the hook unless it exists. Call before each use, because a cleaner of /tmp may have removed it. @throws EngineError */
  async build(
    installed: InstalledRuntime,
    buildCommand: NonNullable<Preload['build']>,
    context: PreloadContext,
  ): Promise<void> {
    const target = join(this.engineDir(), builtHookDirectory(installed));
    if (existsSync(target)) return;
    // Another engine that shares the directory may build the same hook at the same time.
    const partial = `${target}.${randomUUID()}`;
    createSandboxDirectory(partial);
    try {
      await this.buildInto(partial, installed, buildCommand, context);
      if (!existsSync(target)) renameSync(partial, target);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }

  private async buildInto(
    directory: string,
    { runtime, toolchains }: InstalledRuntime,
    buildCommand: NonNullable<Preload['build']>,
    context: PreloadContext,
  ): Promise<void> {
    const limits = compileLimits(this.settings, this.settings.compileTimeoutMs);
    const spec = { writesApp: true, toolchains, cacheDir: directory, diskMb: limits.diskMb, inputBytes: 0 };
    const { sandbox } = await this.runFactory.create(spec, limits);
    const command = buildCommand({ ...context, memoryMb: limits.memoryMb, buildDirectory: PATHS.cache });
    const program = { command, environment: runtime.environment ?? {}, limits };
    const options = { signal: new AbortController().signal, onOutput: () => undefined };
    const { exitCode, output } = await sandbox.run(program, '', options);
    if (exitCode !== 0) {
      throw new EngineError(`The preload hook of ${runtime.name} could not be built: ${output.stderr}`);
    }
  }
}

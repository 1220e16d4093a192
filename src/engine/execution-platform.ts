import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { EngineSettings } from '../config/settings';
import { CompiledProgramCache } from './compiled-program-cache';
import { type EngineState, describeIsolation } from './engine.state';
import { Executor } from './executor';
import { RunFactory } from './pool/run-factory';
import type { Slots } from './pool/slots';
import { WarmPool } from './pool/warm-pool';
import { WarmSandboxes } from './pool/warm-sandboxes';
import { RuntimeRegistry } from './runtimes/runtime.registry';
import { PATHS } from './sandbox/bubblewrap-launch';
import { type EngineFiles, engineFilesProvider } from './sandbox/engine-files';
import { findResourceController } from './sandbox/find-resource-controller';
import { type Isolation, detectIsolation } from './sandbox/isolation';
import { unisolatedPaths } from './sandbox/launch';
import { ToolchainCaches } from './toolchain-caches';
import { Workspaces } from './workspaces';

const MIB = 1024 * 1024;
/** Prepared sandboxes of one kind for each slot: enough for as many runs in a row on every slot. */
const PREPARED_PER_KIND_AND_SLOT = 2;

/**
 * What executions need from this machine: sandboxes, the installed languages, prepared sandboxes and caches. `open`
 * finds out what the machine offers, and `close` removes everything that the engine has created.
 */
export class ExecutionPlatform {
  readonly runtimes: RuntimeRegistry;
  readonly toolchainCaches: ToolchainCaches;
  private readonly logger = new Logger(ExecutionPlatform.name);
  private readonly workspaces: Workspaces;
  private readonly closing = new AbortController();
  private isolation: Isolation = {
    kind: 'none',
    sandboxes: undefined,
    reason: 'The engine has not started yet',
  };
  private availableExecutor: Executor | undefined;
  private runFactory: RunFactory | undefined;
  private warmPool: WarmPool | undefined;
  private mayPrepare = true;

  /** @param slots sandboxes are prepared only while a slot is free */
  constructor(
    private readonly settings: EngineSettings,
    private readonly slots: Slots,
  ) {
    this.runtimes = new RuntimeRegistry(settings);
    this.toolchainCaches = new ToolchainCaches(settings);
    this.workspaces = new Workspaces(settings.workDir);
  }

  /** Undefined if nothing can be executed; `state` contains the reason. */
  get executor(): Executor | undefined {
    return this.availableExecutor;
  }

  async open(): Promise<void> {
    const files = engineFilesProvider(this.settings.workDir);
    await this.workspaces.open();
    const controller = await findResourceController(this.settings);
    this.isolation = await detectIsolation(this.settings, files, controller);
    const { kind, sandboxes } = this.isolation;
    if (sandboxes) await this.runtimes.detect(sandboxes);
    if (kind === 'none') return;
    const executor = this.createExecutor(this.isolation, files);
    this.availableExecutor = executor;
    for (const installed of this.runtimes.listInstalled()) {
      this.toolchainCaches.fill(installed, executor.compiler, this.closing.signal);
    }
    this.warmPool?.fill();
  }

  state(): EngineState {
    return { ...describeIsolation(this.isolation), warm: this.warmPool?.counts() ?? null };
  }

  /** Creates no further prepared sandboxes. Those that exist can still be used. */
  stopPreparing(): void {
    this.mayPrepare = false;
  }

  /** Call after the last execution has ended. */
  async close(): Promise<void> {
    this.stopPreparing();
    this.closing.abort();
    await this.toolchainCaches.allFilled();
    await this.warmPool?.close();
    await this.isolation.sandboxes?.close();
    await this.runFactory?.allRemoved();
    await this.workspaces.close();
  }

  private createExecutor(
    { kind, sandboxes }: Exclude<Isolation, { kind: 'none' }>,
    files: () => EngineFiles,
  ): Executor {
    const { settings } = this;
    const runFactory = new RunFactory(sandboxes, this.workspaces);
    this.runFactory = runFactory;
    switch (kind) {
      case 'bubblewrap':
        return new Executor({
          settings,
          runFactory,
          resolvePaths: () => PATHS,
          warmSandboxes: this.createWarmSandboxes(runFactory, files),
          programCache: this.openProgramCache(),
        });
      case 'process':
        return new Executor({
          settings,
          runFactory,
          resolvePaths: unisolatedPaths,
          // Without isolation, one program could change what is prepared or cached for others.
          warmSandboxes: undefined,
          programCache: undefined,
        });
    }
  }

  private openProgramCache(): CompiledProgramCache {
    const { workDir, compileCacheMb } = this.settings;
    const cache = new CompiledProgramCache(join(workDir, 'compiled'), compileCacheMb * MIB);
    cache.open();
    return cache;
  }

  /** Undefined if ENGINE_WARM_MEMORY_MB is 0. */
  private createWarmSandboxes(runFactory: RunFactory, files: () => EngineFiles): WarmSandboxes | undefined {
    const { settings, slots } = this;
    if (settings.warmMemoryMb === 0) return undefined;
    const pool = new WarmPool({
      memoryBytesMax: settings.warmMemoryMb * MIB,
      countMax: settings.slots * PREPARED_PER_KIND_AND_SLOT,
      canFill: () => this.mayPrepare && slots.free > 0,
      onCreateError: ({ name }, error) => {
        this.logger.warn({ err: error, kind: name }, 'failed to prepare a sandbox');
      },
    });
    const warmSandboxes = new WarmSandboxes(settings, runFactory, pool, () => files().directory);
    for (const installed of this.runtimes.listInstalled()) warmSandboxes.register(installed);
    slots.onIdle(() => {
      pool.fill();
    });
    this.warmPool = pool;
    return warmSandboxes;
  }
}

/** Which sandboxes can wait for which languages, and how each of them is made. */
import type { SandboxStart } from '../../engine-contract/report';
import type { EngineSettings } from '../../config/settings';
import type { PreloadContext } from '../runtimes/runtime';
import type { InstalledRuntime } from '../runtimes/runtime.registry';
import { ENGINE_DIR, PATHS } from '../sandbox/bubblewrap-launch';
import { PRELOAD_DIR } from '../sandbox/engine-files';
import type { Limits } from '../sandbox/limits';
import { limitsFrom } from '../limits';
import { PreloadHookBuilder, builtHookDirectory } from './preload-hook-builder';
import type { PreparedRun, RunFactory } from './run-factory';
import type { SandboxKind, WarmPool } from './warm-pool';

/** ms for an interpreter to be preloaded, on a machine that is busy; it takes 10 to 500. */
const PRELOAD_TIMEOUT_MS = 20_000;

interface LanguageKinds {
  readonly empty: SandboxKind;
  readonly preloaded: SandboxKind | undefined;
}

export class WarmSandboxes {
  private readonly kindsByLanguage = new Map<string, LanguageKinds>();
  /** The largest that a request may ask for. */
  private readonly limits: Limits;

  private readonly hookBuilder: PreloadHookBuilder;

  /** @param engineDir gives the directory of the engine's own files, on this side of the sandbox */
  constructor(
    private readonly settings: EngineSettings,
    private readonly runFactory: RunFactory,
    private readonly pool: WarmPool,
    engineDir: () => string,
  ) {
    this.hookBuilder = new PreloadHookBuilder(settings, runFactory, engineDir);
    this.limits = limitsFrom(settings);
  }

  register(installed: InstalledRuntime): void {
    const waits = this.kindsFor(installed);
    this.kindsByLanguage.set(installed.runtime.id, waits);
    this.pool.register(waits.empty);
    if (waits.preloaded) this.pool.register(waits.preloaded);
  }

  /** Undefined when none waits that would do. */
  acquire(
    installed: InstalledRuntime,
    limits: Limits,
  ): { preparedRun: PreparedRun; start: SandboxStart } | undefined {
    const waits = this.kindsByLanguage.get(installed.runtime.id);
    // Its file system was made with the default.
    if (!waits || limits.diskMb !== this.limits.diskMb) return undefined;
    // Interpreters are told of the memory limit when they are started.
    const preloaded = limits.memoryMb === this.limits.memoryMb ? waits.preloaded : undefined;
    const taken = this.pool.acquire([preloaded, waits.empty].flatMap((kind) => (kind ? [kind.key] : [])));
    return (
      taken && { preparedRun: taken.preparedRun, start: taken.key === preloaded?.key ? 'warm' : 'prepared' }
    );
  }

  private kindsFor(installed: InstalledRuntime): LanguageKinds {
    const { runToolchains: toolchains, runtime, version, tools } = installed;
    const empty: SandboxKind = {
      key: JSON.stringify(toolchains),
      name: 'empty',
      create: async () => {
        const preparedRun = await this.createRun(toolchains);
        await preparedRun.sandbox.ready;
        return preparedRun;
      },
    };
    const { preload } = runtime;
    if (!preload || !(preload.supports?.(version) ?? true)) return { empty, preloaded: undefined };
    const context: PreloadContext = {
      app: PATHS.app,
      tools,
      memoryMb: this.limits.memoryMb,
      hooksDirectory: `${ENGINE_DIR}/${PRELOAD_DIR}`,
      buildDirectory: `${ENGINE_DIR}/${builtHookDirectory(installed)}`,
    };
    const program = {
      command: preload.command(context),
      environment: { ...runtime.environment, ...preload.environment?.(context) },
      limits: this.limits,
    };
    const preloaded: SandboxKind = {
      key: JSON.stringify([toolchains, program.command]),
      name: runtime.id,
      create: async () => {
        if (preload.build) await this.hookBuilder.build(installed, preload.build, context);
        const preparedRun = await this.createRun(toolchains);
        const timer = setTimeout(
          () => void preparedRun.sandbox.discard().catch(() => undefined),
          PRELOAD_TIMEOUT_MS,
        );
        try {
          if (preload.requiredDirectory !== undefined)
            preparedRun.workspace.createDirectory(preload.requiredDirectory);
          await preparedRun.sandbox.preload(program);
          return preparedRun;
        } catch (error) {
          await preparedRun.sandbox.discard().catch(() => undefined);
          throw error;
        } finally {
          clearTimeout(timer);
        }
      },
    };
    return { empty, preloaded };
  }

  private createRun(toolchains: readonly string[]): Promise<PreparedRun> {
    const spec = {
      writesApp: false,
      toolchains,
      cacheDir: undefined,
      diskMb: this.limits.diskMb,
      inputBytes: this.settings.inputBytesMax,
    };
    return this.runFactory.create(spec, this.limits);
  }
}

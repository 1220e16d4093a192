import type { SandboxStart } from '../../engine-contract/report';
import type { EngineSettings } from '../../config/settings';
import type { PreloadContext } from '../runtimes/runtime';
import type { InstalledRuntime } from '../runtimes/runtime.registry';
import { ENGINE_DIR, PATHS } from '../sandbox/bubblewrap-launch';
import { PRELOAD_DIR } from '../sandbox/engine-files';
import type { Limits } from '../sandbox/limits';
import { limitsFrom } from '../request-limits';
import { PreloadHookBuilder, builtHookDirectory } from './preload-hook-builder';
import type { PreparedRun, RunFactory } from './run-factory';
import type { SandboxKind, WarmPool } from './warm-pool';

/** Milliseconds to preload an interpreter on a busy machine. It usually takes 10 to 500 ms. */
const PRELOAD_TIMEOUT_MS = 20_000;

/** The kinds of sandboxes that can run programs of one language. */
interface LanguageKinds {
  /** Sandboxes without an interpreter, shared by all languages with the same toolchains. */
  readonly empty: SandboxKind;
  /** Undefined when the language has no preload hook. */
  readonly preloaded: SandboxKind | undefined;
}

/** Registers the kinds of prepared sandboxes of each language with the pool, and selects a suitable one for a run. */
export class WarmSandboxes {
  private readonly kindsByLanguage = new Map<string, LanguageKinds>();
  /** The default limits. A request can lower them, but not raise them. */
  private readonly limits: Limits;
  private readonly hookBuilder: PreloadHookBuilder;

  /** @param engineDir returns the path, on the host, of the directory with the engine files */
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
    const kinds = this.kindsFor(installed);
    this.kindsByLanguage.set(installed.runtime.id, kinds);
    this.pool.register(kinds.empty);
    if (kinds.preloaded) this.pool.register(kinds.preloaded);
  }

  /** @returns undefined when the pool has no suitable sandbox */
  acquire(
    installed: InstalledRuntime,
    limits: Limits,
  ): { preparedRun: PreparedRun; start: SandboxStart } | undefined {
    const kinds = this.kindsByLanguage.get(installed.runtime.id);
    // The file system of a prepared sandbox has the default size.
    if (!kinds || limits.diskMb !== this.limits.diskMb) return undefined;
    // A preloaded interpreter was started with the default memory limit.
    const preloaded = limits.memoryMb === this.limits.memoryMb ? kinds.preloaded : undefined;
    const pooled = this.pool.acquire([preloaded, kinds.empty].flatMap((kind) => (kind ? [kind.key] : [])));
    return (
      pooled && {
        preparedRun: pooled.preparedRun,
        start: pooled.key === preloaded?.key ? 'warm' : 'prepared',
      }
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
            preparedRun.workspace.createAppDirectory(preload.requiredDirectory);
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

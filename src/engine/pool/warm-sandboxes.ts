/** Which sandboxes can wait for which languages, and how each of them is made. */
import type { SandboxStart } from '../../engine-contract/report';
import type { EngineSettings } from '../../config/settings';
import type { PreloadContext } from '../runtimes/runtime';
import type { InstalledRuntime } from '../runtimes/runtime.registry';
import { ENGINE_DIR, PATHS } from '../sandbox/bubblewrap';
import { PRELOAD } from '../sandbox/engine-files';
import type { Limits } from '../sandbox/limits';
import { limitsFrom } from '../limits';
import { HookBuilder, builtName } from './hook-builder';
import type { PreparedRun, RunFactory } from './run-factory';
import type { WarmKind, WarmPool } from './warm-pool';

/** ms for an interpreter to be loaded, on a machine that is busy; it takes 10 to 500. */
const LOAD_TIMEOUT_MS = 20_000;

interface Waits {
  readonly empty: WarmKind;
  readonly loaded: WarmKind | undefined;
}

export class WarmSandboxes {
  private readonly byLanguage = new Map<string, Waits>();
  /** The largest that a request may ask for. */
  private readonly limits: Limits;

  private readonly hooks: HookBuilder;

  /** @param engineDir gives the directory of the engine's own files, on this side of the sandbox */
  constructor(
    private readonly settings: EngineSettings,
    private readonly places: RunFactory,
    private readonly pool: WarmPool,
    engineDir: () => string,
  ) {
    this.hooks = new HookBuilder(settings, places, engineDir);
    this.limits = limitsFrom(settings);
  }

  offer(installed: InstalledRuntime): void {
    const waits = this.waitsOf(installed);
    this.byLanguage.set(installed.runtime.id, waits);
    this.pool.offer(waits.empty);
    if (waits.loaded) this.pool.offer(waits.loaded);
  }

  /** Undefined when none waits that would do. */
  take(installed: InstalledRuntime, limits: Limits): { place: PreparedRun; start: SandboxStart } | undefined {
    const waits = this.byLanguage.get(installed.runtime.id);
    // Its file system was made with the default.
    if (!waits || limits.diskMb !== this.limits.diskMb) return undefined;
    // Interpreters are told of the memory limit when they are started.
    const loaded = limits.memoryMb === this.limits.memoryMb ? waits.loaded : undefined;
    const taken = this.pool.take([loaded, waits.empty].flatMap((kind) => (kind ? [kind.key] : [])));
    return taken && { place: taken.place, start: taken.key === loaded?.key ? 'warm' : 'prepared' };
  }

  private waitsOf(installed: InstalledRuntime): Waits {
    const { runToolchains: toolchains, runtime, version, tools } = installed;
    const empty: WarmKind = {
      key: JSON.stringify(toolchains),
      name: 'empty',
      make: async () => {
        const place = await this.makePlace(toolchains);
        await place.sandbox.ready;
        return place;
      },
    };
    const { preload } = runtime;
    if (!preload || !(preload.supports?.(version) ?? true)) return { empty, loaded: undefined };
    const context: PreloadContext = {
      app: PATHS.app,
      tools,
      memoryMb: this.limits.memoryMb,
      hooksDirectory: `${ENGINE_DIR}/${PRELOAD}`,
      buildDirectory: `${ENGINE_DIR}/${builtName(installed)}`,
    };
    const program = {
      command: preload.command(context),
      environment: { ...runtime.environment, ...preload.environment?.(context) },
      limits: this.limits,
    };
    const loaded: WarmKind = {
      key: JSON.stringify([toolchains, program.command]),
      name: runtime.id,
      make: async () => {
        if (preload.build) await this.hooks.build(installed, preload.build, context);
        const place = await this.makePlace(toolchains);
        const timer = setTimeout(() => void place.sandbox.discard().catch(() => undefined), LOAD_TIMEOUT_MS);
        try {
          if (preload.requiredDirectory !== undefined)
            place.workspace.createDirectory(preload.requiredDirectory);
          await place.sandbox.load(program);
          return place;
        } catch (error) {
          await place.sandbox.discard().catch(() => undefined);
          throw error;
        } finally {
          clearTimeout(timer);
        }
      },
    };
    return { empty, loaded };
  }

  private makePlace(toolchains: readonly string[]): Promise<PreparedRun> {
    const spec = {
      writesApp: false,
      toolchains,
      cacheDir: undefined,
      diskMb: this.limits.diskMb,
      inputBytes: this.settings.inputBytesMax,
    };
    return this.places.make(spec, this.limits);
  }
}

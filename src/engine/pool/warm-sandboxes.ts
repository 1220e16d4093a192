/** Which sandboxes can wait for which languages, and how each of them is made. */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxStart } from '../../common/report';
import type { EngineSettings } from '../../config/settings';
import type { WaitingContext } from '../runtimes/runtime';
import type { InstalledRuntime } from '../runtimes/runtime.registry';
import { ENGINE_DIR, PATHS } from '../sandbox/bubblewrap';
import { EngineFault } from '../sandbox/engine-fault';
import type { Limits } from '../sandbox/limits';
import { compileLimits } from '../step';
import { makeOwnDirectory } from '../workspaces';
import type { Place, Places } from './place';
import type { WarmKind, WarmPool } from './warm-pool';

const HOOKS = 'waiting';
const BUILT = 'built';
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

  /** @param engineDir gives the directory of the engine's own files, on this side of the sandbox */
  constructor(
    private readonly settings: EngineSettings,
    private readonly places: Places,
    private readonly pool: WarmPool,
    private readonly engineDir: () => string,
  ) {
    const { timeoutMsMax, memoryMb, processesMax, outputBytesMax, diskMb, openFilesMax, fileMb } = settings;
    this.limits = {
      wallMs: timeoutMsMax,
      cpuMs: timeoutMsMax,
      memoryMb,
      processes: processesMax,
      outputBytes: outputBytesMax,
      diskMb,
      openFiles: openFilesMax,
      fileMb,
    };
  }

  offer(installed: InstalledRuntime): void {
    const waits = this.waitsOf(installed);
    this.byLanguage.set(installed.runtime.id, waits);
    this.pool.offer(waits.empty);
    if (waits.loaded) this.pool.offer(waits.loaded);
  }

  /** Undefined when none waits that would do. */
  take(installed: InstalledRuntime, limits: Limits): { place: Place; start: SandboxStart } | undefined {
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
    const { waiting } = runtime;
    if (!waiting || !(waiting.knows?.(version) ?? true)) return { empty, loaded: undefined };
    const context: WaitingContext = {
      app: PATHS.app,
      tools,
      memoryMb: this.limits.memoryMb,
      hooks: `${ENGINE_DIR}/${HOOKS}`,
      built: `${ENGINE_DIR}/${BUILT}/${runtime.id}-${version}`,
    };
    const program = {
      command: waiting.command(context),
      environment: { ...runtime.environment, ...waiting.environment?.(context) },
      limits: this.limits,
    };
    const loaded: WarmKind = {
      key: JSON.stringify([toolchains, program.command]),
      name: runtime.id,
      make: async () => {
        if (waiting.build) await this.build(installed, waiting.build, context);
        const place = await this.makePlace(toolchains);
        const timer = setTimeout(() => void place.sandbox.discard().catch(() => undefined), LOAD_TIMEOUT_MS);
        try {
          if (waiting.looksInto !== undefined) place.workspace.makeDirectory(waiting.looksInto);
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

  private makePlace(toolchains: readonly string[]): Promise<Place> {
    const spec = {
      writesApp: false,
      toolchains,
      cacheDir: undefined,
      diskMb: this.limits.diskMb,
      inputBytes: this.settings.inputBytesMax,
    };
    return this.places.make(spec, this.limits);
  }

  /** Once for each version, and again when somebody cleaned it away. */
  private async build(
    { runtime, toolchains, version }: InstalledRuntime,
    commandOf: (context: WaitingContext) => readonly string[],
    context: WaitingContext,
  ): Promise<void> {
    const target = join(this.engineDir(), BUILT, `${runtime.id}-${version}`);
    if (existsSync(target)) return;
    const partial = `${target}.${process.pid.toString()}`;
    makeOwnDirectory(partial);
    const limits = compileLimits(this.settings, this.settings.compileTimeoutMs);
    const spec = { writesApp: true, toolchains, cacheDir: partial, diskMb: limits.diskMb, inputBytes: 0 };
    const { sandbox } = await this.places.make(spec, limits);
    const command = commandOf({ ...context, memoryMb: limits.memoryMb, built: PATHS.cache });
    const program = { command, environment: runtime.environment ?? {}, limits };
    const options = { signal: new AbortController().signal, onOutput: () => undefined };
    const { exitCode, output } = await sandbox.run(program, '', options);
    if (exitCode !== 0) throw new EngineFault(`The hook of ${runtime.name} was not built: ${output.stderr}`);
    renameSync(partial, target);
  }
}

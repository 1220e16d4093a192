import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '../../engine-contract/language';
import { unsupportedLanguageProblem } from '../../common/problems/unsupported-language.problem';
import type { EngineSettings } from '../../config/settings';
import { limitsFrom } from '../request-limits';
import type { SandboxFactory } from '../sandbox/sandbox-factory';
import { createSandboxDirectory } from '../workspaces';
import { RUNTIMES } from './index';
import { installTypeScriptToolchain, restoreTypeScriptToolchain } from './typescript-toolchain';
import type { Runtime } from './runtime';
import { ToolFinder, type Toolset } from './tool-finder';

export interface InstalledRuntime extends Toolset {
  readonly runtime: Runtime;
  readonly version: string;
}

const VERSION_TIMEOUT_MS = 10_000;
/** Enough to keep a small machine busy, without causing time-outs. */
const CONCURRENT_TRIALS_MAX = 4;

/** The languages that work on this machine. */
export class RuntimeRegistry {
  private readonly installed = new Map<string, InstalledRuntime>();
  /** The `node_modules` directory of the toolchain that this engine has installed. */
  private nodeModules = '';
  private restoring: Promise<void> | undefined;

  constructor(private readonly settings: EngineSettings) {}

  /** Finds the languages that work: runs the version command of each in a sandbox. Call once. */
  async detect(sandboxes: SandboxFactory): Promise<void> {
    this.nodeModules = await installTypeScriptToolchain(this.settings.workDir);
    const finder = new ToolFinder(this.settings.searchPath, this.nodeModules);
    const remaining = [...RUNTIMES];
    const work = async (): Promise<void> => {
      for (let runtime = remaining.shift(); runtime; runtime = remaining.shift())
        await this.detectOne(runtime, finder, sandboxes);
    };
    await Promise.all(Array.from({ length: CONCURRENT_TRIALS_MAX }, work));
  }

  /** All languages, installed or not. @param warning what is wrong with the engine as a whole */
  list(warning: string | null): Language[] {
    return RUNTIMES.map((runtime) => this.languageOf(runtime, warning));
  }

  listInstalled(): InstalledRuntime[] {
    return [...this.installed.values()];
  }

  /** Reinstalls the toolchain that this engine has installed for the language, if a cleaner of /tmp has removed it. */
  async restore({ tools }: InstalledRuntime): Promise<void> {
    const isMissing = (path: string): boolean => path.startsWith(this.nodeModules) && !existsSync(path);
    if (!Object.values(tools).some(isMissing)) return;
    this.restoring ??= restoreTypeScriptToolchain(this.settings.workDir, this.nodeModules).finally(() => {
      this.restoring = undefined;
    });
    await this.restoring;
  }

  /** @param name an id or alias, in any case @throws ProblemException `unsupported-language` */
  get(name: string): InstalledRuntime {
    const wanted = name.toLowerCase();
    const known = RUNTIMES.find(({ id, aliases }) => id === wanted || aliases.includes(wanted));
    const installed = known && this.installed.get(known.id);
    if (installed) return installed;
    throw unsupportedLanguageProblem(known && this.languageOf(known, null), this.list(null));
  }

  private languageOf(runtime: Runtime, warning: string | null): Language {
    const version = this.installed.get(runtime.id)?.version ?? null;
    return {
      id: runtime.id,
      name: runtime.name,
      aliases: runtime.aliases,
      extension: runtime.extension,
      version,
      compiled: runtime.compile !== undefined,
      available: version !== null,
      warning,
    };
  }

  private async detectOne(runtime: Runtime, finder: ToolFinder, sandboxes: SandboxFactory): Promise<void> {
    for (const toolset of finder.find(runtime)) {
      const version = await this.findVersion(runtime, toolset, sandboxes);
      if (version === undefined) continue;
      this.installed.set(runtime.id, { runtime, ...toolset, version });
      return;
    }
  }

  /** Undefined if this toolset does not work in the sandbox. */
  private async findVersion(
    runtime: Runtime,
    toolset: Toolset,
    sandboxes: SandboxFactory,
  ): Promise<string | undefined> {
    const appDir = join(this.settings.workDir, 'probe', 'app');
    createSandboxDirectory(appDir);
    createSandboxDirectory(join(appDir, '..', 'home'));
    const limits = limitsFrom(this.settings, {
      wallMs: VERSION_TIMEOUT_MS,
      cpuMs: VERSION_TIMEOUT_MS,
      memoryMb: this.settings.compileMemoryMb,
    });
    const spec = {
      appDir,
      writesApp: false,
      toolchains: toolset.toolchains,
      cacheDir: undefined,
      diskMb: limits.diskMb,
      inputBytes: 0,
    };
    const command = runtime.version.command(toolset.tools);
    const program = { command, environment: runtime.environment ?? {}, limits };
    const input = openSync('/dev/null', 'r');
    try {
      const options = { signal: new AbortController().signal, onOutput: () => undefined };
      const { output } = await sandboxes.run(spec, program, input, options);
      return runtime.version.pattern.exec(`${output.stdout}\n${output.stderr}`)?.[1];
    } catch {
      return undefined;
    } finally {
      closeSync(input);
    }
  }
}

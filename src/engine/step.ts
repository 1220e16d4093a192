/** The two steps of an execution as sandbox specifications: compile, and run. */
import { join } from 'node:path';
import type { EngineSettings } from '../config/settings';
import type { EngineRequest } from './engine.request';
import type { RuntimeContext } from './runtimes/runtime';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import type { SandboxPaths, SandboxSpec } from './sandbox/launch';
import type { Limits } from './sandbox/limits';

/** A compiler may use both cores of a small machine for its whole time. */
const COMPILE_CPU_FACTOR = 4;

export interface StepContext {
  readonly installed: InstalledRuntime;
  readonly request: EngineRequest;
  readonly settings: EngineSettings;
  readonly appDir: string;
  readonly fileName: string;
  readonly paths: SandboxPaths;
  /** The compiler's cache, where the language has one. */
  readonly cacheDir: string | undefined;
  readonly compileTimeoutMs: number;
}

function runLimits({ timeoutMs, limits }: EngineRequest, settings: EngineSettings): Limits {
  return {
    wallMs: timeoutMs,
    cpuMs: timeoutMs,
    memoryMb: limits?.memoryMb ?? settings.memoryMb,
    processes: limits?.processes ?? settings.processesMax,
    outputBytes: limits?.outputBytes ?? settings.outputBytesMax,
    diskMb: limits?.diskMb ?? settings.diskMb,
  };
}

function compileLimits({ settings, compileTimeoutMs }: StepContext): Limits {
  return {
    wallMs: compileTimeoutMs,
    cpuMs: compileTimeoutMs * COMPILE_CPU_FACTOR,
    memoryMb: settings.compileMemoryMb,
    processes: settings.processesMax,
    outputBytes: settings.outputBytesMax,
    diskMb: Math.max(settings.diskMb, COMPILE_DISK_MB),
  };
}

/** Compilers write objects and binaries far larger than their source. */
const COMPILE_DISK_MB = 256;

/** Undefined when the language is not compiled. */
export function compileSpec(context: StepContext): SandboxSpec | undefined {
  const { runtime } = context.installed;
  const limits = compileLimits(context);
  const command = runtime.compile?.(runtimeContext(context, limits));
  if (!command) return undefined;
  return {
    ...common(context),
    command,
    environment: {
      ...runtime.environment,
      ...(runtime.cache && { [runtime.cache.variable]: context.paths.cache }),
    },
    writesApp: true,
    cacheDir: context.cacheDir,
    limits,
  };
}

export function runSpec(context: StepContext): SandboxSpec {
  const { runtime } = context.installed;
  const limits = runLimits(context.request, context.settings);
  return {
    ...common(context),
    command: runtime.run(runtimeContext(context, limits)),
    environment: runtime.environment ?? {},
    writesApp: false,
    cacheDir: undefined,
    limits,
  };
}

const common = ({ appDir, installed }: StepContext): Pick<SandboxSpec, 'appDir' | 'toolchains'> => ({
  appDir,
  toolchains: installed.toolchains,
});

function runtimeContext(context: StepContext, { memoryMb }: Limits): RuntimeContext {
  const { app } = context.paths;
  const { code } = context.request;
  return { app, source: join(app, context.fileName), tools: context.installed.tools, memoryMb, code };
}

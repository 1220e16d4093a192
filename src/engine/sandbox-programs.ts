/** The two steps of an execution as programs for a sandbox: compile, and run. */
import { join } from 'node:path';
import type { EngineSettings } from '../config/settings';
import type { EngineRequest } from '../engine-contract/engine.request';
import type { Runtime, RuntimeContext } from './runtimes/runtime';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import type { SandboxPaths } from './sandbox/launch';
import type { Limits } from './sandbox/limits';
import type { Program } from './sandbox/prepared-sandbox';

/** A compiler may use both cores of a small machine for its whole time. */
const COMPILE_CPU_FACTOR = 4;
/** Compilers write objects and binaries far larger than their source. */
const COMPILE_DISK_MB = 256;
/** Whatever programs may have: linkers open every library at once. */
const COMPILE_OPEN_FILES = 1024;
/** What a run with one of very many inputs may write in any case. */
const OUTPUT_SHARE_BYTES_MIN = 1024;

export interface StepContext {
  readonly installed: InstalledRuntime;
  readonly request: Pick<EngineRequest, 'code'>;
  readonly fileName: string;
  readonly paths: SandboxPaths;
}

export function runLimits({ timeoutMs, limits, inputs }: EngineRequest, settings: EngineSettings): Limits {
  return {
    wallMs: timeoutMs,
    cpuMs: limits?.cpuMs ?? timeoutMs,
    memoryMb: limits?.memoryMb ?? settings.memoryMb,
    processes: limits?.processes ?? settings.processesMax,
    outputBytes: outputShare(limits?.outputBytes ?? settings.outputBytesMax, inputs?.length ?? 1),
    diskMb: limits?.diskMb ?? settings.diskMb,
    openFiles: limits?.openFiles ?? settings.openFilesMax,
    fileMb: limits?.fileMb ?? Math.min(settings.fileMb, limits?.diskMb ?? settings.diskMb),
  };
}

/** Runs with many inputs have equal shares, each for itself, so that the log of them all stays within the limit. */
const outputShare = (bytes: number, inputs: number): number =>
  Math.max(Math.floor(bytes / inputs), Math.min(bytes, OUTPUT_SHARE_BYTES_MIN));

export function compileLimits(settings: EngineSettings, timeoutMs: number): Limits {
  return {
    wallMs: timeoutMs,
    cpuMs: timeoutMs * COMPILE_CPU_FACTOR,
    memoryMb: settings.compileMemoryMb,
    processes: settings.processesMax,
    outputBytes: settings.outputBytesMax,
    diskMb: Math.max(settings.diskMb, COMPILE_DISK_MB),
    openFiles: Math.max(settings.openFilesMax, COMPILE_OPEN_FILES),
    fileMb: Math.max(settings.diskMb, COMPILE_DISK_MB),
  };
}

export function buildCompileProgram(
  compile: NonNullable<Runtime['compile']>,
  context: StepContext,
  limits: Limits,
): Program {
  const { environment, cache } = context.installed.runtime;
  return {
    command: compile(runtimeContext(context, limits)),
    environment: { ...environment, ...(cache && { [cache.variable]: context.paths.cache }) },
    limits,
  };
}

export function buildRunProgram(context: StepContext, limits: Limits): Program {
  const { runtime } = context.installed;
  return {
    command: runtime.run(runtimeContext(context, limits)),
    environment: runtime.environment ?? {},
    limits,
  };
}

/** What the interpreter that waits is told; empty when there is nothing that it does not know. */
export const buildPreloadMessage = (context: StepContext, limits: Limits): string =>
  context.installed.runtime.preload?.message?.(runtimeContext(context, limits)) ?? '';

function runtimeContext(context: StepContext, { memoryMb }: Limits): RuntimeContext {
  const { paths, fileName, installed, request } = context;
  return {
    app: paths.app,
    source: join(paths.app, fileName),
    tools: installed.tools,
    memoryMb,
    code: request.code,
  };
}

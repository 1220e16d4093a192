import { join } from 'node:path';
import type { Runtime, RuntimeContext } from './runtimes/runtime';
import type { SandboxPaths } from './sandbox/launch';
import type { Limits } from './sandbox/limits';
import type { Program } from './sandbox/prepared-sandbox';
import type { SourceFile } from './source-file';

/** A source file and the paths under which its program sees its directories. */
interface ProgramContext extends SourceFile {
  readonly paths: SandboxPaths;
}

export function buildCompileProgram(
  compile: NonNullable<Runtime['compile']>,
  context: ProgramContext,
  limits: Limits,
): Program {
  const { environment, cache } = context.installed.runtime;
  return {
    command: compile(runtimeContext(context, limits)),
    environment: { ...environment, ...(cache && { [cache.variable]: context.paths.cache }) },
    limits,
  };
}

export function buildRunProgram(context: ProgramContext, limits: Limits): Program {
  const { runtime } = context.installed;
  return {
    command: runtime.run(runtimeContext(context, limits)),
    environment: runtime.environment ?? {},
    limits,
  };
}

/** The message that lets a preloaded interpreter continue; empty if its preload hook needs no information. */
export const buildPreloadMessage = (context: ProgramContext, limits: Limits): string =>
  context.installed.runtime.preload?.message?.(runtimeContext(context, limits)) ?? '';

function runtimeContext(context: ProgramContext, { memoryMb }: Limits): RuntimeContext {
  const { paths, fileName, installed, code } = context;
  return {
    app: paths.app,
    source: join(paths.app, fileName),
    tools: installed.tools,
    memoryMb,
    code,
  };
}

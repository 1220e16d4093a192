/** The two steps of an execution as programs for a sandbox: compile, and run. */
import { join } from 'node:path';
import type { ExecutionRequest } from '../engine-contract/execution-request';
import type { Runtime, RuntimeContext } from './runtimes/runtime';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import type { SandboxPaths } from './sandbox/launch';
import type { Limits } from './sandbox/limits';
import type { Program } from './sandbox/prepared-sandbox';

export interface StepContext {
  readonly installed: InstalledRuntime;
  readonly request: Pick<ExecutionRequest, 'code'>;
  readonly fileName: string;
  readonly paths: SandboxPaths;
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

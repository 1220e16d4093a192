/** The first step of an execution: from code to a program, or to the report that ends the execution. */
import { type CompileReport, NOTHING_RAN, type Verdict } from '../engine-contract/report';
import type { CompiledProgramCache, CompiledFiles } from './compiled-program-cache';
import type { ExecutionRequest } from '../engine-contract/execution-request';
import type { ExecutorDependencies, RunReport } from './executor-dependencies';
import { toResource } from './resource';
import type { Runtime } from './runtimes/runtime';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import type { Program, SandboxResult } from './sandbox/prepared-sandbox';
import { compileLimits } from './limits';
import { buildCompileProgram } from './sandbox-programs';
import { createSandboxDirectory } from './workspaces';

/** A language that is compiled, and code of it. */
export interface CompileRequest {
  readonly compile: NonNullable<Runtime['compile']>;
  readonly installed: InstalledRuntime;
  readonly request: Pick<ExecutionRequest, 'code'>;
  readonly fileName: string;
}

export interface CompileOptions {
  readonly signal: AbortSignal;
  /** The compiler's own cache, where it has one. */
  readonly cacheDir: string | undefined;
  /** ms; the engine's setting without it. */
  readonly compileTimeoutMs?: number;
}

export type CompileResult =
  | {
      readonly kind: 'program';
      readonly compiled: CompiledFiles;
      readonly isCached: boolean;
      /** Call when nobody copies the program any more. */
      readonly release: () => void;
    }
  | { readonly kind: 'failure'; readonly report: RunReport };

export class Compiler {
  constructor(private readonly parts: Omit<ExecutorDependencies, 'warm'>) {}

  /** @throws EngineError when the sandbox itself failed */
  async compile(source: CompileRequest, options: CompileOptions): Promise<CompileResult> {
    const { compiled: cache } = this.parts;
    if (!cache) return this.compileUncached(source, options, undefined);
    const { installed, fileName, request } = source;
    const key = cache.keyOf(installed, this.programIn('', source, options), fileName, request.code);
    const found = cache.find(key);
    if (found) return { kind: 'program', compiled: found, isCached: true, release: () => undefined };
    return this.compileUncached(source, options, { cache, key });
  }

  /** Whatever is kept already. @throws EngineError when the sandbox itself failed */
  async compileUncached(
    source: CompileRequest,
    options: CompileOptions,
    keep: { readonly cache: CompiledProgramCache; readonly key: string } | undefined,
  ): Promise<CompileResult> {
    const { cacheDir, signal } = options;
    const limits = this.limitsOf(options);
    // It may be gone: the working directory is in /tmp.
    if (cacheDir !== undefined) createSandboxDirectory(cacheDir);
    const { toolchains } = source.installed;
    const spec = { writesApp: true, toolchains, cacheDir, diskMb: limits.diskMb, inputBytes: 0 };
    const { workspace, sandbox } = await this.parts.runFactory.create(spec, limits);
    // The sandbox goes as soon as the compiler has ended, and its directory must not go with it.
    const release = workspace.retain();
    try {
      await workspace.writeCode(source.fileName, source.request.code);
      const program = this.programIn(workspace.appDir, source, options);
      const result = await sandbox.run(program, '', { signal, onOutput: () => undefined });
      const report = toCompileReport(result);
      if (result.exitCode !== 0) {
        release();
        return { kind: 'failure', report: toFailureReport(result, report) };
      }
      keep?.cache.store(keep.key, workspace.appDir, report);
      return { kind: 'program', compiled: { directory: workspace.appDir, report }, isCached: false, release };
    } catch (error) {
      release();
      await sandbox.discard().catch(() => undefined);
      throw error;
    }
  }

  private limitsOf({ compileTimeoutMs }: CompileOptions): ReturnType<typeof compileLimits> {
    const { settings } = this.parts;
    return compileLimits(settings, compileTimeoutMs ?? settings.compileTimeoutMs);
  }

  private programIn(appDir: string, source: CompileRequest, options: CompileOptions): Program {
    const { compile, ...context } = source;
    const paths = this.parts.pathsOf(appDir, options.cacheDir);
    return buildCompileProgram(compile, { ...context, paths }, this.limitsOf(options));
  }
}

function toCompileReport(result: SandboxResult): CompileReport {
  return {
    exitCode: result.exitCode,
    signal: result.signal,
    ...result.output,
    resource: toResource(result),
  };
}

function toFailureReport(result: SandboxResult, compile: CompileReport): RunReport {
  const verdict = result.stopped === 'abort' ? 'CANCELLED' : 'COMPILE_ERROR';
  return {
    ...NOTHING_RAN,
    verdict,
    compile,
    compileCached: false,
    errorMessage: describeFailure(result, verdict),
  };
}

/** The compiler's own words are in `compile`; this tells what it could not say itself. */
function describeFailure(result: SandboxResult, verdict: Verdict): string | null {
  if (verdict === 'CANCELLED') return null;
  if (result.outOfMemory || result.stopped === 'memory') return 'The compiler reached its memory limit.';
  switch (result.stopped) {
    case 'wall':
    case 'cpu':
      return 'The compiler reached its time limit.';
    case 'output':
      return 'The compiler reached the output limit.';
    default:
      return null;
  }
}

import { type CompileReport, NOTHING_RAN, type Verdict } from '../engine-contract/report';
import type { CompiledFiles, CompiledProgramCache } from './compiled-program-cache';
import type { ExecutorDependencies } from './executor-dependencies';
import { compileLimits } from './request-limits';
import { toResource } from './resource';
import type { RunReport } from './run-report';
import type { Runtime } from './runtimes/runtime';
import type { Limits } from './sandbox/limits';
import type { Program, SandboxResult } from './sandbox/prepared-sandbox';
import { buildCompileProgram } from './sandbox-programs';
import type { SourceFile } from './source-file';
import { createSandboxDirectory } from './workspaces';

export interface CompileRequest extends SourceFile {
  readonly compile: NonNullable<Runtime['compile']>;
}

export interface CompileOptions {
  readonly signal: AbortSignal;
  /** The directory that the toolchain caches its own files in; undefined if it has none. */
  readonly cacheDir: string | undefined;
  /** Milliseconds; by default the setting of the engine. */
  readonly compileTimeoutMs?: number;
}

export interface CompileSuccess {
  readonly kind: 'success';
  readonly files: CompiledFiles;
  /** Whether the files come from the cache. */
  readonly isCached: boolean;
  /** Call when the files are no longer read. Uncached files are then removed. */
  readonly release: () => void;
}

export interface CompileFailure {
  readonly kind: 'failure';
  /** The report of the whole execution. */
  readonly report: RunReport;
}

export type CompileResult = CompileSuccess | CompileFailure;

/** Where a compiled program is stored for later executions. */
interface CacheTarget {
  readonly cache: CompiledProgramCache;
  readonly key: string;
}

/** Compiles programs in sandboxes, or finds them in the cache of compiled programs. */
export class Compiler {
  constructor(private readonly dependencies: Omit<ExecutorDependencies, 'warmSandboxes'>) {}

  /** @throws EngineError when the sandbox itself failed */
  async compile(request: CompileRequest, options: CompileOptions): Promise<CompileResult> {
    const { programCache: cache } = this.dependencies;
    if (!cache) return this.compileUncached(request, options);
    const { installed, fileName, code } = request;
    const key = cache.keyOf(installed, this.programIn('', request, options), fileName, code);
    const files = cache.find(key);
    if (files) return { kind: 'success', files, isCached: true, release: () => undefined };
    return this.compileUncached(request, options, { cache, key });
  }

  /**
   * Compiles without looking into the cache.
   * @param storeIn where the result is cached; by default nowhere
   * @throws EngineError when the sandbox itself failed
   */
  async compileUncached(
    request: CompileRequest,
    options: CompileOptions,
    storeIn?: CacheTarget,
  ): Promise<CompileResult> {
    const { cacheDir, signal } = options;
    const limits = this.limitsFor(options);
    // Cleaners of /tmp, where the working directory is by default, may have removed it.
    if (cacheDir !== undefined) createSandboxDirectory(cacheDir);
    const { toolchains } = request.installed;
    const spec = { writesApp: true, toolchains, cacheDir, diskMb: limits.diskMb, inputBytes: 0 };
    const { workspace, sandbox } = await this.dependencies.runFactory.create(spec, limits);
    // The workspace is removed after its sandbox, which exits with the compiler. Its files are needed for longer.
    const release = workspace.retain();
    try {
      await workspace.writeCode(request.fileName, request.code);
      const program = this.programIn(workspace.appDir, request, options);
      const result = await sandbox.run(program, '', { signal, onOutput: () => undefined });
      const report = toCompileReport(result);
      if (result.exitCode !== 0) {
        release();
        return { kind: 'failure', report: toFailureReport(result, report) };
      }
      storeIn?.cache.store(storeIn.key, workspace.appDir, report);
      const files = { directory: workspace.appDir, report };
      return { kind: 'success', files, isCached: false, release };
    } catch (error) {
      release();
      await sandbox.discard().catch(() => undefined);
      throw error;
    }
  }

  private limitsFor({ compileTimeoutMs }: CompileOptions): Limits {
    const { settings } = this.dependencies;
    return compileLimits(settings, compileTimeoutMs ?? settings.compileTimeoutMs);
  }

  private programIn(appDir: string, request: CompileRequest, options: CompileOptions): Program {
    const paths = this.dependencies.resolvePaths(appDir, options.cacheDir);
    return buildCompileProgram(request.compile, { ...request, paths }, this.limitsFor(options));
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

/** What the output of the compiler, which is in `compile`, cannot say. */
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

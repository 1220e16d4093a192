/** One execution from code to report: compilation where there is one, run, and nothing left behind. */
import type { SandboxStart } from '../common/report';
import { copyTree } from './compile-cache';
import { type Compilation, type CompileOptions, Compiler } from './compiler';
import type { EngineRequest } from './engine.request';
import type { ExecutorParts, RunReport } from './executor-parts';
import type { Place } from './pool/place';
import { resourceOf } from './resource';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import { SandboxLost } from './sandbox/engine-fault';
import type { Limits } from './sandbox/limits';
import type { OnOutput } from './sandbox/output-capture';
import type { SandboxResult } from './sandbox/prepared-sandbox';
import { runLimits, runProgram, wordOf } from './step';
import { verdictOf } from './verdict';

type ExecutionOptions = CompileOptions & { readonly onOutput: OnOutput };

interface Started {
  readonly place: Place;
  readonly start: SandboxStart;
}

interface Run {
  readonly request: EngineRequest;
  readonly installed: InstalledRuntime;
  readonly fileName: string;
  readonly limits: Limits;
}

type CompiledProgram = Extract<Compilation, { kind: 'program' }>;

export class Executor {
  readonly compiler: Compiler;

  constructor(private readonly parts: ExecutorParts) {
    this.compiler = new Compiler(parts);
  }

  /** @throws EngineFault when the sandbox itself failed */
  async execute(
    request: EngineRequest,
    installed: InstalledRuntime,
    options: ExecutionOptions,
  ): Promise<RunReport> {
    const fileName = fileNameOf(installed, request);
    const { compile } = installed.runtime;
    if (!compile) {
      return this.run(request, installed, fileName, options, (place) =>
        place.workspace.putCode(fileName, request.code),
      );
    }
    const source = { compile, installed, request, fileName };
    const compilation = await this.compiler.compile(source, options);
    if (compilation.kind === 'failure') return compilation.report;
    try {
      return await this.runCompiled(request, installed, fileName, options, compilation);
    } catch (error) {
      if (!compilation.isCached || !isMissing(error)) throw error;
    }
    // What was kept has had to make room for something else since it was found, perhaps by another engine.
    const again = await this.compiler.compileNow(source, options, undefined);
    if (again.kind === 'failure') return again.report;
    return this.runCompiled(request, installed, fileName, options, again);
  }

  private async runCompiled(
    request: EngineRequest,
    installed: InstalledRuntime,
    fileName: string,
    options: ExecutionOptions,
    { compiled, isCached, release }: CompiledProgram,
  ): Promise<RunReport> {
    try {
      const report = await this.run(request, installed, fileName, options, (place) => {
        copyTree(compiled.directory, place.workspace.appDir);
      });
      return { ...report, compile: compiled.report, compileCached: isCached };
    } finally {
      release();
    }
  }

  /** @param put puts what there is to run into the place */
  private async run(
    request: EngineRequest,
    installed: InstalledRuntime,
    fileName: string,
    options: ExecutionOptions,
    put: (place: Place) => void | Promise<void>,
  ): Promise<RunReport> {
    const limits = runLimits(request, this.parts.settings);
    const runIn = ({ place, start }: Started): Promise<RunReport> =>
      this.runIn(place, start, { request, installed, fileName, limits }, options, put);
    const waiting = this.parts.warm?.take(installed, limits);
    if (waiting) {
      try {
        return await runIn(waiting);
      } catch (error) {
        // The kernel takes what waits first when memory is short, and nobody may have noticed yet.
        if (!(error instanceof SandboxLost)) throw error;
      }
    }
    return runIn({ place: await this.makePlace(installed, limits), start: 'cold' });
  }

  private async runIn(
    { workspace, sandbox }: Place,
    start: SandboxStart,
    run: Run,
    { signal, onOutput }: ExecutionOptions,
    put: (place: Place) => void | Promise<void>,
  ): Promise<RunReport> {
    const { limits, installed, request } = run;
    try {
      await put({ workspace, sandbox });
      await workspace.putInput(request.input);
      const context = { ...run, paths: this.parts.pathsOf(workspace.appDir, undefined) };
      const program = runProgram(context, limits);
      const result = await sandbox.run(program, wordOf(context, limits), { signal, onOutput });
      return reportOf(result, installed, limits, start);
    } catch (error) {
      await sandbox.discard().catch(() => undefined);
      throw error;
    }
  }

  private makePlace(installed: InstalledRuntime, limits: Limits): Promise<Place> {
    const { runToolchains: toolchains } = installed;
    const { inputBytesMax: inputBytes } = this.parts.settings;
    const spec = { writesApp: false, toolchains, cacheDir: undefined, diskMb: limits.diskMb, inputBytes };
    return this.parts.places.make(spec, limits);
  }
}

function reportOf(
  result: SandboxResult,
  { runtime }: InstalledRuntime,
  limits: Limits,
  sandbox: SandboxStart,
): RunReport {
  return {
    verdict: verdictOf(result, runtime),
    exitCode: result.exitCode,
    signal: result.signal,
    ...result.output,
    resource: resourceOf(result),
    compile: null,
    compileCached: false,
    sandbox,
    errorMessage:
      result.signal === 'SIGXFSZ'
        ? `The program wrote a file larger than its limit of ${limits.fileMb.toString()} MiB.`
        : null,
  };
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** `main.{extension}` unless the language ties the name to the code. */
export const fileNameOf = ({ runtime }: InstalledRuntime, { code }: Pick<EngineRequest, 'code'>): string =>
  runtime.fileName?.(code) ?? `main.${runtime.extension}`;

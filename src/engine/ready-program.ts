import { copyTree } from './compiled-program-cache';
import type { CompileResult, CompileSuccess } from './compiler';
import type { RunReport } from './run-report';
import type { ExecuteOptions, RunParameters, Runner } from './runner';

/** A program that can be run any number of times. */
export interface ReadyProgram {
  /** What a report says about the compilation. */
  readonly compilation: Pick<RunReport, 'compile' | 'compileCached'>;
  /** Runs may overlap. @throws EngineError when the sandbox itself failed */
  run(input: string, options: ExecuteOptions): Promise<RunReport>;
  /** Call after the last run. */
  release(): void;
}

export class InterpretedProgram implements ReadyProgram {
  readonly compilation = { compile: null, compileCached: false };

  constructor(
    private readonly runner: Runner,
    private readonly parameters: RunParameters,
  ) {}

  run(input: string, options: ExecuteOptions): Promise<RunReport> {
    const { fileName, code } = this.parameters;
    return this.runner.run(
      this.parameters,
      input,
      (workspace) => workspace.writeCode(fileName, code),
      options,
    );
  }

  release(): void {
    // Each run has its own copy of the file, which is removed with its workspace.
  }
}

export class CompiledProgram implements ReadyProgram {
  private recompilation: Promise<CompileResult> | undefined;

  /** @param recompile compiles without looking into the cache */
  constructor(
    private readonly runner: Runner,
    private readonly parameters: RunParameters,
    private latest: CompileSuccess,
    private readonly recompile: (signal: AbortSignal) => Promise<CompileResult>,
  ) {}

  get compilation(): ReadyProgram['compilation'] {
    return { compile: this.latest.files.report, compileCached: this.latest.isCached };
  }

  async run(input: string, options: ExecuteOptions): Promise<RunReport> {
    const { latest } = this;
    try {
      return await this.runFrom(latest, input, options);
    } catch (error) {
      if (!latest.isCached || !isMissing(error)) throw error;
    }
    // The cached files were evicted after they had been found, perhaps by another engine.
    const recompiled = await (this.recompilation ??= this.recompileUncached(options.signal));
    return recompiled.kind === 'failure' ? recompiled.report : this.runFrom(recompiled, input, options);
  }

  release(): void {
    this.latest.release();
  }

  private async runFrom(
    { files, isCached }: CompileSuccess,
    input: string,
    options: ExecuteOptions,
  ): Promise<RunReport> {
    const report = await this.runner.run(
      this.parameters,
      input,
      ({ appDir }) => {
        copyTree(files.directory, appDir);
      },
      options,
    );
    return { ...report, compile: files.report, compileCached: isCached };
  }

  /** The replaced `latest` came from the cache, so it needs no release. */
  private async recompileUncached(signal: AbortSignal): Promise<CompileResult> {
    const recompiled = await this.recompile(signal);
    if (recompiled.kind === 'success') this.latest = recompiled;
    return recompiled;
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

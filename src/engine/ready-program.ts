/** A program that can run, as often as there are inputs for it: a source file, or what a compiler made of it. */
import { copyTree } from './compiled-program-cache';
import type { CompileResult } from './compiler';
import type { RunReport } from './executor-dependencies';
import type { ExecuteOptions, RunParameters, Runner } from './runner';

export interface ReadyProgram {
  /** What there is to say of its compilation. */
  readonly compilation: Pick<RunReport, 'compile' | 'compileCached'>;
  /** Runs may overlap. @throws EngineError when the sandbox itself failed */
  run(input: string, calls: ExecuteOptions): Promise<RunReport>;
  /** Call when nothing runs any more. */
  release(): void;
}

export class InterpretedProgram implements ReadyProgram {
  readonly compilation = { compile: null, compileCached: false };

  constructor(
    private readonly runner: Runner,
    private readonly runnable: RunParameters,
  ) {}

  run(input: string, calls: ExecuteOptions): Promise<RunReport> {
    const { fileName, request } = this.runnable;
    return this.runner.run(
      this.runnable,
      input,
      ({ workspace }) => workspace.writeCode(fileName, request.code),
      calls,
    );
  }

  release(): void {
    // Each run had its own file.
  }
}

type CompileSuccess = Extract<CompileResult, { kind: 'program' }>;

export class CompiledProgram implements ReadyProgram {
  private recompilation: Promise<CompileResult> | undefined;

  /** @param recompile whatever is kept */
  constructor(
    private readonly runner: Runner,
    private readonly runnable: RunParameters,
    private latest: CompileSuccess,
    private readonly recompile: (signal: AbortSignal) => Promise<CompileResult>,
  ) {}

  get compilation(): ReadyProgram['compilation'] {
    return { compile: this.latest.compiled.report, compileCached: this.latest.isCached };
  }

  async run(input: string, calls: ExecuteOptions): Promise<RunReport> {
    const { latest } = this;
    try {
      return await this.runFrom(latest, input, calls);
    } catch (error) {
      if (!latest.isCached || !isMissing(error)) throw error;
    }
    // What was kept has had to make room for something else since it was found, perhaps by another engine.
    const again = await (this.recompilation ??= this.recompileUncached(calls.signal));
    return again.kind === 'failure' ? again.report : this.runFrom(again, input, calls);
  }

  release(): void {
    this.latest.release();
  }

  private async runFrom(
    { compiled, isCached }: CompileSuccess,
    input: string,
    calls: ExecuteOptions,
  ): Promise<RunReport> {
    const report = await this.runner.run(
      this.runnable,
      input,
      ({ workspace }) => {
        copyTree(compiled.directory, workspace.appDir);
      },
      calls,
    );
    return { ...report, compile: compiled.report, compileCached: isCached };
  }

  /** There is nothing to release of what was found in the cache. */
  private async recompileUncached(signal: AbortSignal): Promise<CompileResult> {
    const again = await this.recompile(signal);
    if (again.kind === 'program') this.latest = again;
    return again;
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

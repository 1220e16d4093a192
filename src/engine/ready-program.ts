/** A program that can run, as often as there are inputs for it: a source file, or what a compiler made of it. */
import { copyTree } from './compile-cache';
import type { Compilation } from './compiler';
import type { RunReport } from './executor-dependencies';
import type { RunCalls, Runnable, Runner } from './runner';

export interface ReadyProgram {
  /** What there is to say of its compilation. */
  readonly compilation: Pick<RunReport, 'compile' | 'compileCached'>;
  /** Runs may overlap. @throws EngineError when the sandbox itself failed */
  run(input: string, calls: RunCalls): Promise<RunReport>;
  /** Call when nothing runs any more. */
  release(): void;
}

export class SourceProgram implements ReadyProgram {
  readonly compilation = { compile: null, compileCached: false };

  constructor(
    private readonly runner: Runner,
    private readonly runnable: Runnable,
  ) {}

  run(input: string, calls: RunCalls): Promise<RunReport> {
    const { fileName, request } = this.runnable;
    return this.runner.run(
      this.runnable,
      input,
      ({ workspace }) => workspace.putCode(fileName, request.code),
      calls,
    );
  }

  release(): void {
    // Each run had its own file.
  }
}

type CompiledArtifact = Extract<Compilation, { kind: 'program' }>;

export class CompiledProgram implements ReadyProgram {
  private again: Promise<Compilation> | undefined;

  /** @param recompile whatever is kept */
  constructor(
    private readonly runner: Runner,
    private readonly runnable: Runnable,
    private made: CompiledArtifact,
    private readonly recompile: (signal: AbortSignal) => Promise<Compilation>,
  ) {}

  get compilation(): ReadyProgram['compilation'] {
    return { compile: this.made.compiled.report, compileCached: this.made.isCached };
  }

  async run(input: string, calls: RunCalls): Promise<RunReport> {
    const { made } = this;
    try {
      return await this.runFrom(made, input, calls);
    } catch (error) {
      if (!made.isCached || !isMissing(error)) throw error;
    }
    // What was kept has had to make room for something else since it was found, perhaps by another engine.
    const again = await (this.again ??= this.makeAgain(calls.signal));
    return again.kind === 'failure' ? again.report : this.runFrom(again, input, calls);
  }

  release(): void {
    this.made.release();
  }

  private async runFrom(
    { compiled, isCached }: CompiledArtifact,
    input: string,
    calls: RunCalls,
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
  private async makeAgain(signal: AbortSignal): Promise<Compilation> {
    const again = await this.recompile(signal);
    if (again.kind === 'program') this.made = again;
    return again;
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** One execution from code to report: compilation where there is one, the runs, and nothing left behind. */
import { PREVIEW_BYTES } from '../engine-contract/output.body';
import type { ExecutionReport } from '../engine-contract/report';
import { Batch, type BatchSlots } from './batch';
import { summarizeCompileFailure, summarizeResults } from './batch-report';
import { type CompileOptions, Compiler } from './compiler';
import type { ExecutionRequest } from '../engine-contract/execution-request';
import type { ExecutorDependencies, RunReport } from './executor-dependencies';
import { CompiledProgram, type ReadyProgram, InterpretedProgram } from './ready-program';
import { type ExecuteOptions, Runner } from './runner';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import { runLimits } from './limits';

type ExecutionOptions = CompileOptions & ExecuteOptions;

type Preparation =
  | { readonly kind: 'program'; readonly program: ReadyProgram }
  | { readonly kind: 'failure'; readonly report: RunReport };

export class Executor {
  readonly compiler: Compiler;
  private readonly runner: Runner;

  constructor(private readonly parts: ExecutorDependencies) {
    this.compiler = new Compiler(parts);
    this.runner = new Runner(parts);
  }

  /** With its one input. @throws EngineError when the sandbox itself failed */
  async execute(
    request: ExecutionRequest,
    installed: InstalledRuntime,
    options: ExecutionOptions,
  ): Promise<RunReport> {
    const preparation = await this.prepare(request, installed, options);
    if (preparation.kind === 'failure') return preparation.report;
    const { program } = preparation;
    try {
      return await program.run(request.input, options);
    } finally {
      program.release();
    }
  }

  /** With many inputs, each in a slot of its own. @throws EngineError when the sandbox itself failed in any of them */
  async executeAll(
    request: ExecutionRequest,
    inputs: readonly string[],
    installed: InstalledRuntime,
    slots: BatchSlots,
    options: ExecutionOptions,
  ): Promise<ExecutionReport> {
    const preparation = await this.prepare(request, installed, options);
    if (preparation.kind === 'failure')
      return summarizeCompileFailure(preparation.report, inputs.length, slots.first.queuedMs);
    const { program } = preparation;
    try {
      const batch = new Batch(program, inputs, slots, options.onOutput);
      const results = await batch.run(options.signal);
      return summarizeResults(results, program.compilation);
    } finally {
      program.release();
    }
  }

  private async prepare(
    request: ExecutionRequest,
    installed: InstalledRuntime,
    options: CompileOptions,
  ): Promise<Preparation> {
    const fileName = fileNameOf(installed, request);
    const { compile } = installed.runtime;
    const runnable = {
      ...{ request, installed, fileName, limits: runLimits(request, this.parts.settings) },
      previewBytesMax: Math.floor(PREVIEW_BYTES / (request.inputs?.length ?? 1)),
    };
    if (!compile) return { kind: 'program', program: new InterpretedProgram(this.runner, runnable) };
    const source = { compile, installed, request, fileName };
    const compilation = await this.compiler.compile(source, options);
    if (compilation.kind === 'failure') return compilation;
    const program = new CompiledProgram(this.runner, runnable, compilation, (signal) =>
      this.compiler.compileUncached(source, { ...options, signal }, undefined),
    );
    return { kind: 'program', program };
  }
}

/** `main.{extension}` unless the language ties the name to the code. */
export const fileNameOf = ({ runtime }: InstalledRuntime, { code }: Pick<ExecutionRequest, 'code'>): string =>
  runtime.fileName?.(code) ?? `main.${runtime.extension}`;

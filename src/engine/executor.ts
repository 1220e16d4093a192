import { PREVIEW_BYTES } from '../engine-contract/output.body';
import type { ExecutionReport } from '../engine-contract/report';
import { Batch, type BatchSlots } from './batch';
import { summarizeCompileFailure, summarizeResults } from './batch-report';
import { type CompileFailure, type CompileOptions, Compiler } from './compiler';
import type { ExecutionRequest } from '../engine-contract/execution-request';
import type { ExecutorDependencies } from './executor-dependencies';
import { runLimits } from './request-limits';
import { CompiledProgram, InterpretedProgram, type ReadyProgram } from './ready-program';
import type { RunReport } from './run-report';
import { type ExecuteOptions, Runner } from './runner';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import { toSourceFile } from './source-file';

type PreparedProgram = { readonly kind: 'ready'; readonly program: ReadyProgram } | CompileFailure;

/** Performs one execution: compiles the program if its language needs it, then runs it. */
export class Executor {
  readonly compiler: Compiler;
  private readonly runner: Runner;

  constructor(private readonly dependencies: ExecutorDependencies) {
    this.compiler = new Compiler(dependencies);
    this.runner = new Runner(dependencies);
  }

  /** Runs the program with `request.input`. @throws EngineError when the sandbox itself failed */
  async execute(
    request: ExecutionRequest,
    installed: InstalledRuntime,
    options: CompileOptions & ExecuteOptions,
  ): Promise<RunReport> {
    const prepared = await this.prepare(request, installed, options);
    if (prepared.kind === 'failure') return prepared.report;
    const { program } = prepared;
    try {
      return await program.run(request.input, options);
    } finally {
      program.release();
    }
  }

  /**
   * Runs the program with each of `inputs`, every run in a slot of its own.
   * @throws EngineError when the sandbox of any run failed
   */
  async executeAll(
    request: ExecutionRequest,
    inputs: readonly string[],
    installed: InstalledRuntime,
    slots: BatchSlots,
    options: CompileOptions & ExecuteOptions,
  ): Promise<ExecutionReport> {
    const prepared = await this.prepare(request, installed, options);
    if (prepared.kind === 'failure')
      return summarizeCompileFailure(prepared.report, inputs.length, slots.first.queuedMs);
    const { program } = prepared;
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
  ): Promise<PreparedProgram> {
    const source = toSourceFile(installed, request.code);
    const parameters = {
      ...source,
      limits: runLimits(request, this.dependencies.settings),
      previewBytesMax: Math.floor(PREVIEW_BYTES / (request.inputs?.length ?? 1)),
    };
    const { compile } = installed.runtime;
    if (!compile) return { kind: 'ready', program: new InterpretedProgram(this.runner, parameters) };
    const compileRequest = { ...source, compile };
    const result = await this.compiler.compile(compileRequest, options);
    if (result.kind === 'failure') return result;
    const program = new CompiledProgram(this.runner, parameters, result, (signal) =>
      this.compiler.compileUncached(compileRequest, { ...options, signal }),
    );
    return { kind: 'ready', program };
  }
}

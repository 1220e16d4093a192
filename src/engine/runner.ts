import type { SandboxStart } from '../engine-contract/report';
import type { ExecutorDependencies } from './executor-dependencies';
import type { PreparedRun } from './pool/run-factory';
import { type RunReport, toRunReport } from './run-report';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import { SandboxLostError } from './sandbox/engine.error';
import type { Limits } from './sandbox/limits';
import type { OnOutput } from './sandbox/output-capture';
import { buildPreloadMessage, buildRunProgram } from './sandbox-programs';
import type { SourceFile } from './source-file';
import type { Workspace } from './workspaces';

export interface ExecuteOptions {
  /** Cancels the execution, which then returns a report of what has happened so far. */
  readonly signal: AbortSignal;
  /** Receives each piece of output while the program runs. */
  readonly onOutput: OnOutput;
}

/** What all runs of one program have in common. */
export interface RunParameters extends SourceFile {
  readonly limits: Limits;
  /** Bytes of each stream that a report contains. */
  readonly previewBytesMax: number;
}

/** Writes the files of a program into the workspace of a run. */
export type WriteProgram = (workspace: Workspace) => void | Promise<void>;

interface AcquiredRun {
  readonly preparedRun: PreparedRun;
  readonly start: SandboxStart;
}

/** Runs a program once with one input, in a prepared sandbox if there is one, otherwise in a new one. */
export class Runner {
  constructor(private readonly dependencies: ExecutorDependencies) {}

  /**
   * @throws EngineError when the sandbox itself failed
   * @throws whatever `writeProgram` throws
   */
  async run(
    parameters: RunParameters,
    input: string,
    writeProgram: WriteProgram,
    options: ExecuteOptions,
  ): Promise<RunReport> {
    const { installed, limits } = parameters;
    const runIn = (acquired: AcquiredRun): Promise<RunReport> =>
      this.runIn(acquired, parameters, input, writeProgram, options);
    const pooled = this.dependencies.warmSandboxes?.acquire(installed, limits);
    if (pooled) {
      try {
        return await runIn(pooled);
      } catch (error) {
        // When memory is short, the kernel kills prepared sandboxes first, and the pool may not have noticed yet.
        if (!(error instanceof SandboxLostError)) throw error;
      }
    }
    return runIn({ preparedRun: await this.createRun(installed, limits), start: 'cold' });
  }

  private async runIn(
    { preparedRun, start }: AcquiredRun,
    parameters: RunParameters,
    input: string,
    writeProgram: WriteProgram,
    options: ExecuteOptions,
  ): Promise<RunReport> {
    const { limits, installed, previewBytesMax } = parameters;
    const { workspace, sandbox } = preparedRun;
    try {
      await writeProgram(workspace);
      await workspace.writeInput(input);
      const paths = this.dependencies.resolvePaths(workspace.appDir, undefined);
      const program = buildRunProgram({ ...parameters, paths }, limits);
      const message = buildPreloadMessage({ ...parameters, paths }, limits);
      const result = await sandbox.run(program, message, { ...options, previewBytesMax });
      return toRunReport(result, installed.runtime, limits, start);
    } catch (error) {
      await sandbox.discard().catch(() => undefined);
      throw error;
    }
  }

  private createRun({ runToolchains }: InstalledRuntime, limits: Limits): Promise<PreparedRun> {
    const { runFactory, settings } = this.dependencies;
    const spec = {
      writesApp: false,
      toolchains: runToolchains,
      cacheDir: undefined,
      diskMb: limits.diskMb,
      inputBytes: settings.inputBytesMax,
    };
    return runFactory.create(spec, limits);
  }
}

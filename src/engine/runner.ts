/** One run of a program: in a sandbox that waits for it where there is one, or else in one that is made for it. */
import type { SandboxStart } from '../engine-contract/report';
import type { ExecutionRequest } from '../engine-contract/execution-request';
import type { ExecutorDependencies, RunReport } from './executor-dependencies';
import type { PreparedRun } from './pool/run-factory';
import { toResource } from './resource';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import { SandboxLostError } from './sandbox/engine.error';
import type { Limits } from './sandbox/limits';
import type { RunOptions, SandboxResult } from './sandbox/prepared-sandbox';
import { buildRunProgram, buildPreloadMessage } from './sandbox-programs';
import { determineVerdict } from './verdict';

/** A program, and what holds for each run of it. */
export interface RunParameters {
  readonly request: Pick<ExecutionRequest, 'code'>;
  readonly installed: InstalledRuntime;
  readonly fileName: string;
  readonly limits: Limits;
  /** Bytes of each stream that a report shows. */
  readonly previewBytesMax: number;
}

export type ExecuteOptions = Pick<RunOptions, 'signal' | 'onOutput'>;

/** Puts what there is to run into the sandbox. */
export type WriteProgram = (preparedRun: PreparedRun) => void | Promise<void>;

interface AcquiredRun {
  readonly preparedRun: PreparedRun;
  readonly start: SandboxStart;
}

export class Runner {
  constructor(private readonly parts: ExecutorDependencies) {}

  /** @throws EngineError when the sandbox itself failed; whatever `put` throws */
  async run(
    runnable: RunParameters,
    input: string,
    put: WriteProgram,
    calls: ExecuteOptions,
  ): Promise<RunReport> {
    const { installed, limits } = runnable;
    const runIn = (started: AcquiredRun): Promise<RunReport> =>
      this.runIn(started, runnable, input, put, calls);
    const pooled = this.parts.warm?.acquire(installed, limits);
    if (pooled) {
      try {
        return await runIn(pooled);
      } catch (error) {
        // The kernel takes what waits first when memory is short, and nobody may have noticed yet.
        if (!(error instanceof SandboxLostError)) throw error;
      }
    }
    return runIn({ preparedRun: await this.createRun(installed, limits), start: 'cold' });
  }

  private async runIn(
    { preparedRun, start }: AcquiredRun,
    runnable: RunParameters,
    input: string,
    put: WriteProgram,
    calls: ExecuteOptions,
  ): Promise<RunReport> {
    const { limits, installed, previewBytesMax } = runnable;
    const { workspace, sandbox } = preparedRun;
    try {
      await put(preparedRun);
      await workspace.writeInput(input);
      const context = { ...runnable, paths: this.parts.pathsOf(workspace.appDir, undefined) };
      const program = buildRunProgram(context, limits);
      const result = await sandbox.run(program, buildPreloadMessage(context, limits), {
        ...calls,
        previewBytesMax,
      });
      return toRunReport(result, installed, limits, start);
    } catch (error) {
      await sandbox.discard().catch(() => undefined);
      throw error;
    }
  }

  private createRun(installed: InstalledRuntime, limits: Limits): Promise<PreparedRun> {
    const { runToolchains: toolchains } = installed;
    const { inputBytesMax: inputBytes } = this.parts.settings;
    const spec = { writesApp: false, toolchains, cacheDir: undefined, diskMb: limits.diskMb, inputBytes };
    return this.parts.runFactory.create(spec, limits);
  }
}

function toRunReport(
  result: SandboxResult,
  { runtime }: InstalledRuntime,
  limits: Limits,
  sandbox: SandboxStart,
): RunReport {
  return {
    verdict: determineVerdict(result, runtime),
    exitCode: result.exitCode,
    signal: result.signal,
    ...result.output,
    resource: toResource(result),
    compile: null,
    compileCached: false,
    sandbox,
    errorMessage:
      result.signal === 'SIGXFSZ'
        ? `The program wrote a file larger than its limit of ${limits.fileMb.toString()} MiB.`
        : null,
  };
}

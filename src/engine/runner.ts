/** One run of a program: in a sandbox that waits for it where there is one, or else in one that is made for it. */
import type { SandboxStart } from '../engine-contract/report';
import type { EngineRequest } from '../engine-contract/engine.request';
import type { ExecutorDependencies, RunReport } from './executor-dependencies';
import type { PreparedRun } from './pool/run-factory';
import { resourceOf } from './resource';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import { SandboxLostError } from './sandbox/engine.error';
import type { Limits } from './sandbox/limits';
import type { RunOptions, SandboxResult } from './sandbox/prepared-sandbox';
import { runProgram, wordOf } from './step';
import { verdictOf } from './verdict';

/** A program, and what holds for each run of it. */
export interface Runnable {
  readonly request: Pick<EngineRequest, 'code'>;
  readonly installed: InstalledRuntime;
  readonly fileName: string;
  readonly limits: Limits;
  /** Bytes of each stream that a report shows. */
  readonly previewBytesMax: number;
}

export type RunCalls = Pick<RunOptions, 'signal' | 'onOutput'>;

/** Puts what there is to run into the place. */
export type Put = (place: PreparedRun) => void | Promise<void>;

interface Started {
  readonly place: PreparedRun;
  readonly start: SandboxStart;
}

export class Runner {
  constructor(private readonly parts: ExecutorDependencies) {}

  /** @throws EngineError when the sandbox itself failed; whatever `put` throws */
  async run(runnable: Runnable, input: string, put: Put, calls: RunCalls): Promise<RunReport> {
    const { installed, limits } = runnable;
    const runIn = (started: Started): Promise<RunReport> => this.runIn(started, runnable, input, put, calls);
    const waiting = this.parts.warm?.take(installed, limits);
    if (waiting) {
      try {
        return await runIn(waiting);
      } catch (error) {
        // The kernel takes what waits first when memory is short, and nobody may have noticed yet.
        if (!(error instanceof SandboxLostError)) throw error;
      }
    }
    return runIn({ place: await this.makePlace(installed, limits), start: 'cold' });
  }

  private async runIn(
    { place, start }: Started,
    runnable: Runnable,
    input: string,
    put: Put,
    calls: RunCalls,
  ): Promise<RunReport> {
    const { limits, installed, previewBytesMax } = runnable;
    const { workspace, sandbox } = place;
    try {
      await put(place);
      await workspace.putInput(input);
      const context = { ...runnable, paths: this.parts.pathsOf(workspace.appDir, undefined) };
      const program = runProgram(context, limits);
      const result = await sandbox.run(program, wordOf(context, limits), { ...calls, previewBytesMax });
      return reportOf(result, installed, limits, start);
    } catch (error) {
      await sandbox.discard().catch(() => undefined);
      throw error;
    }
  }

  private makePlace(installed: InstalledRuntime, limits: Limits): Promise<PreparedRun> {
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

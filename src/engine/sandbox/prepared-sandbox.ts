import type { Accounting, OutputPreview } from '../../engine-contract/report';
import { EngineError, SandboxLostError } from './engine.error';
import type { SupervisorResult } from './frames';
import type { Launch } from './launch';
import { LimitMonitor, type StopReason } from './limit-monitor';
import { type Limits, encodeRlimits } from './limits';
import { type OnOutput, OutputCapture } from './output-capture';
import type { ResourceGroup, ResourceUsage } from './resource-controller';
import type { SandboxedProcess } from './sandboxed-process';
import { signalName } from './signals';

export interface Program {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: Limits;
}

export interface RunOptions {
  /** Stops the run. */
  readonly signal: AbortSignal;
  readonly onOutput: OnOutput;
  /** Bytes per stream. Defaults to the preview size of a report. */
  readonly previewBytesMax?: number | undefined;
}

export interface SandboxResult {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why the engine stopped the program; undefined when it ended by itself. */
  readonly stopped: StopReason | undefined;
  /** Whether the kernel killed a process of the run because the run reached its memory limit. */
  readonly outOfMemory: boolean;
  readonly output: OutputPreview;
  /** The end of both streams, which the preview may not contain. */
  readonly outputTail: string;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly accounting: Accounting;
}

interface PreparedSandboxOptions {
  readonly process: SandboxedProcess;
  readonly group: ResourceGroup;
  readonly program: Launch['program'];
  readonly accounting: Accounting;
  /** Whether the kernel enforces memory and process limits. */
  readonly enforcesLimits: boolean;
  /** The limits that the resource group was opened with. */
  readonly limits: Limits;
}

/** Characters kept of the output of an interpreter that fails to preload. */
const DIAGNOSTICS_MAX = 4096;
const NO_USAGE: ResourceUsage = { cpuMs: 0, memoryBytes: 0, outOfMemory: false };

/** A sandbox that exists before its program is known, optionally with a preloaded interpreter. It runs one program. */
export class PreparedSandbox {
  /** Settles when the sandbox can start a program. @throws EngineError when it could not be created */
  readonly ready: Promise<void>;
  /** Settles when the sandbox has exited and its resource group is closed. @throws EngineError when closing the group failed */
  readonly closed: Promise<void>;
  /** Usage before the program started. */
  private baseline = NO_USAGE;
  private isPreloaded = false;

  constructor(private readonly options: PreparedSandboxOptions) {
    this.ready = this.waitUntilReady();
    this.closed = this.close();
    // An early failure must not count as an unhandled rejection; the caller awaits it later.
    for (const promise of [this.ready, this.closed]) promise.catch(() => undefined);
  }

  /** Bytes that the sandbox used before its program started. */
  get memoryBytes(): number {
    return this.baseline.memoryBytes;
  }

  /** Starts an interpreter, and settles when it has reached its preload hook. @throws EngineError */
  async preload(program: Program): Promise<void> {
    const { process } = this.options;
    let output = '';
    process.onData = (_stream, data) => {
      output = (output + data.toString('utf8')).slice(0, DIAGNOSTICS_MAX);
    };
    await this.ready;
    try {
      await process.preload(this.startFields(program));
    } catch (error) {
      throw new EngineError(`The interpreter could not be preloaded: ${output}`, { cause: error });
    }
    this.isPreloaded = true;
    await this.recordBaseline();
  }

  /**
   * Runs the program. When the result is returned, all processes of the program have exited; the sandbox exits soon after.
   * @param preloadMessage sent to a preloaded interpreter, which ignores the command of `program`
   * @throws SandboxLostError when the sandbox failed before the program started
   * @throws EngineError when the sandbox failed later, never because of what the program did. The sandbox has exited then
   */
  async run(program: Program, preloadMessage: string, options: RunOptions): Promise<SandboxResult> {
    const { process, group } = this.options;
    const capture = new OutputCapture(program.limits.outputBytes, options.onOutput, options.previewBytesMax);
    const stop = (): void => {
      process.stop();
    };
    const monitor = new LimitMonitor(group, program.limits, stop, options.signal);
    process.onData = (stream, data) => {
      capture.write(stream, data);
      if (capture.isLimitExceeded) monitor.stopFor('output');
    };
    try {
      monitor.startSetup();
      await this.ready;
      this.applyLimits(program.limits);
      monitor.startProgram(this.baseline.cpuMs);
      capture.start();
      const fields = this.isPreloaded
        ? [encodeRlimits(program.limits), preloadMessage]
        : this.startFields(program);
      const result = await this.awaitResult(process.start(fields));
      const { reason, memoryPeak } = await monitor.finish();
      return this.toSandboxResult(result, await group.readUsage(), reason, memoryPeak, capture);
    } catch (error) {
      process.stop();
      // The caller releases workspace and slot next, so no process may be left. The first error is the one to report.
      await process.exited();
      await monitor.finish().catch(() => undefined);
      capture.finish();
      throw process.hasStarted ? error : new SandboxLostError((error as Error).message, { cause: error });
    }
  }

  /** Removes a sandbox that is not needed or has failed. */
  async discard(): Promise<void> {
    this.options.process.stop();
    await this.closed;
  }

  private async waitUntilReady(): Promise<void> {
    const { process, group } = this.options;
    await process.whenReady();
    if (group.joinPaths.sandbox.length === 0) {
      const pid = await process.pid();
      if (pid !== undefined) group.setRootPid(pid);
    }
    await this.recordBaseline();
  }

  private async recordBaseline(): Promise<void> {
    this.baseline = await this.options.group.readUsage();
  }

  private async close(): Promise<void> {
    await this.options.process.exited();
    await this.options.group.close();
  }

  /** The fields of a message that starts a command. */
  private startFields({ command, environment, limits }: Program): string[] {
    const { directory, environment: base } = this.options.program;
    const variables = Object.entries({ ...base, ...environment }).map(([name, value]) => `${name}=${value}`);
    return [encodeRlimits(limits), directory, variables.length.toString(), ...variables, ...command];
  }

  private applyLimits(limits: Limits): void {
    const { group, limits: current } = this.options;
    const isSame = limits.memoryMb === current.memoryMb && limits.processes === current.processes;
    if (!isSame) group.setLimits(limits);
  }

  /**
   * A program that runs out of memory can make the kernel kill the supervisor, and thereby the sandbox. That is a result of
   * the program and not an engine error.
   */
  private async awaitResult(outcome: Promise<SupervisorResult>): Promise<SupervisorResult> {
    try {
      return await outcome;
    } catch (error) {
      const { process, group } = this.options;
      if (!process.hasStarted || !(await group.readUsage()).outOfMemory) throw error;
      return process.killedResult();
    }
  }

  private toSandboxResult(
    result: SupervisorResult,
    usage: ResourceUsage,
    stopped: StopReason | undefined,
    memoryPeak: number,
    capture: OutputCapture,
  ): SandboxResult {
    const { enforcesLimits, accounting } = this.options;
    const output = capture.finish();
    return {
      exitCode: result.exitCode,
      signal: result.signal === null ? null : signalName(result.signal),
      stopped,
      outOfMemory: usage.outOfMemory,
      output,
      outputTail: capture.outputTail,
      wallMs: result.wallMs,
      cpuMs: enforcesLimits ? usage.cpuMs - this.baseline.cpuMs : result.cpuMs,
      memoryBytes: enforcesLimits ? usage.memoryBytes : Math.max(result.residentBytes, memoryPeak),
      accounting,
    };
  }
}

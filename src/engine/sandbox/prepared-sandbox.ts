/** One sandbox that is made and waits, empty or with an interpreter loaded, for the one program that it will run. */
import type { Accounting, OutputPreview } from '../../engine-contract/report';
import type { ResourceGroup, ResourceUsage } from './resource-controller';
import { EngineError, SandboxLostError } from './engine.error';
import type { SupervisorResult } from './frames';
import type { Launch } from './launch';
import { type Limits, encodeRlimits } from './limits';
import { type OnOutput, OutputCapture } from './output-capture';
import type { SandboxedProcess } from './sandboxed-process';
import { signalName } from './signals';
import { type StopReason, LimitMonitor } from './limit-monitor';

export interface Program {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: Limits;
}

export interface RunOptions {
  /** Stops the run. */
  readonly signal: AbortSignal;
  readonly onOutput: OnOutput;
  /** Of each stream; without it as much as an answer carries. */
  readonly previewBytesMax?: number | undefined;
}

export interface SandboxResult {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why the engine stopped it; undefined when it ended by itself. */
  readonly stopped: StopReason | undefined;
  /** Whether the kernel killed a process of it for its memory. */
  readonly outOfMemory: boolean;
  readonly output: OutputPreview;
  /** The end of both streams, which the preview may not reach. */
  readonly outputTail: string;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly accounting: Accounting;
}

/** How it was made. */
interface PreparedSandboxOptions {
  readonly process: SandboxedProcess;
  readonly group: ResourceGroup;
  readonly program: Launch['program'];
  readonly accounting: Accounting;
  /** Whether the kernel holds the limits. */
  readonly enforcesLimits: boolean;
  /** The limits that its account was opened with. */
  readonly limits: Limits;
}

/** Of what an interpreter says when it cannot start. */
const DIAGNOSTICS_MAX = 4096;
const NO_USAGE: ResourceUsage = { cpuMs: 0, memoryBytes: 0, outOfMemory: false };

export class PreparedSandbox {
  /** Settles when it can take a program. @throws EngineError when it could not be made */
  readonly ready: Promise<void>;
  /** Settles when it is gone and its account is closed. @throws EngineError when the account could not be closed */
  readonly closed: Promise<void>;
  /** What it used before there was a program. */
  private baseline = NO_USAGE;
  private isPreloaded = false;

  constructor(private readonly options: PreparedSandboxOptions) {
    this.ready = this.waitUntilReady();
    this.closed = this.close();
    // Whoever needs them awaits them; until then a failure must not count as unhandled.
    for (const promise of [this.ready, this.closed]) promise.catch(() => undefined);
  }

  /** Bytes that it holds while it waits. */
  get memoryBytes(): number {
    return this.baseline.memoryBytes;
  }

  /** Starts an interpreter, and settles when it waits for its code. @throws EngineError */
  async preload(program: Program): Promise<void> {
    const { process } = this.options;
    let said = '';
    process.onData = (_stream, data) => {
      said = (said + data.toString('utf8')).slice(0, DIAGNOSTICS_MAX);
    };
    await this.ready;
    try {
      await process.preload(this.startFields(program));
    } catch (error) {
      throw new EngineError(`The interpreter did not come to wait: ${said}`, { cause: error });
    }
    this.isPreloaded = true;
    await this.recordBaseline();
  }

  /**
   * Runs its one program. The tree of that is gone when the result is there; the sandbox itself goes after it.
   * @param word for an interpreter that waits, instead of a command
   * @throws EngineError when the sandbox itself failed, never for what the program did; it is gone then
   */
  async run(program: Program, word: string, options: RunOptions): Promise<SandboxResult> {
    const { process, group } = this.options;
    const capture = new OutputCapture(program.limits.outputBytes, options.onOutput, options.previewBytesMax);
    const stop = (): void => {
      process.stop();
    };
    const watch = new LimitMonitor(group, program.limits, stop, options.signal);
    process.onData = (stream, data) => {
      capture.write(stream, data);
      if (capture.isLimitExceeded) watch.stopFor('output');
    };
    try {
      watch.startSetup();
      await this.ready;
      this.applyLimits(program.limits);
      watch.startProgram(this.baseline.cpuMs);
      capture.start();
      const fields = this.isPreloaded ? [encodeRlimits(program.limits), word] : this.startFields(program);
      const result = await this.awaitResult(process.start(fields));
      const { reason, memoryPeak } = await watch.finish();
      return this.toSandboxResult(result, await group.readUsage(), reason, memoryPeak, capture);
    } catch (error) {
      process.stop();
      // Workspace and slot are given up next, so nobody may be there any more. The first fault is the one to tell.
      await process.exited();
      await watch.finish().catch(() => undefined);
      capture.finish();
      throw process.hasStarted ? error : new SandboxLostError((error as Error).message, { cause: error });
    }
  }

  /** Takes away one that is not needed, or that failed. */
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

  private startFields({ command, environment, limits }: Program): string[] {
    const { directory, environment: base } = this.options.program;
    const variables = Object.entries({ ...base, ...environment }).map(([name, value]) => `${name}=${value}`);
    return [encodeRlimits(limits), directory, variables.length.toString(), ...variables, ...command];
  }

  private applyLimits(limits: Limits): void {
    const { group, limits: present } = this.options;
    const isSame = limits.memoryMb === present.memoryMb && limits.processes === present.processes;
    if (!isSame) group.setLimits(limits);
  }

  /**
   * A program can arrange for the kernel to choose the supervisor when its memory is short. The sandbox then ends with
   * it, and that is the program's doing.
   */
  private async awaitResult(ending: Promise<SupervisorResult>): Promise<SupervisorResult> {
    try {
      return await ending;
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
    const own = this.options.enforcesLimits;
    const output = capture.finish();
    return {
      exitCode: result.exitCode,
      signal: result.signal === null ? null : signalName(result.signal),
      stopped,
      outOfMemory: usage.outOfMemory,
      output,
      outputTail: capture.outputTail,
      wallMs: result.wallMs,
      cpuMs: own ? usage.cpuMs - this.baseline.cpuMs : result.cpuMs,
      memoryBytes: own ? usage.memoryBytes : Math.max(result.residentBytes, memoryPeak),
      accounting: this.options.accounting,
    };
  }
}

/** Runs one command in a sandbox of its own, within limits, and tells how it ended and what it used. */
import { randomUUID } from 'node:crypto';
import type { Accounting, OutputPreview } from '../../common/report';
import type { Account, Accountant, Usage } from './accounting';
import type { SupervisorResult } from './frames';
import type { Launch, SandboxSpec } from './launch';
import { type OnOutput, OutputCapture } from './output-capture';
import { SandboxedProcess } from './sandboxed-process';
import { signalName } from './signals';
import { type StopReason, Watch } from './watch';

interface SandboxOptions {
  /** A file descriptor to read standard input from. */
  readonly inputFd: number;
  /** Stops the run. */
  readonly signal: AbortSignal;
  readonly onOutput: OnOutput;
}

export interface SandboxResult {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why the engine stopped it; undefined when it ended by itself. */
  readonly stopped: StopReason | undefined;
  /** Whether the kernel killed a process of it for its memory. */
  readonly outOfMemory: boolean;
  readonly output: OutputPreview;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly accounting: Accounting;
}

/**
 * A program can arrange for the kernel to choose the supervisor when its memory is short. The sandbox then ends with
 * it, and that is the program's doing.
 */
async function endOf(process: SandboxedProcess, account: Account): Promise<SupervisorResult> {
  try {
    return await process.run();
  } catch (error) {
    if (!(await account.read()).outOfMemory) throw error;
    return process.killedResult();
  }
}

/** One that is stopped meanwhile may be gone before its account has it. */
async function takeIn(process: SandboxedProcess, account: Account): Promise<void> {
  const pid = await process.pid();
  if (pid === undefined) return;
  try {
    await account.add(pid);
  } catch (error) {
    if (!process.isStopped) throw error;
  }
}

export class Sandbox {
  constructor(
    private readonly launch: (spec: SandboxSpec) => Launch,
    private readonly accountant: Accountant,
  ) {}

  get accounting(): Accounting {
    return this.accountant.source;
  }

  /** @throws EngineFault when the sandbox itself failed, never for what the program did */
  async run(spec: SandboxSpec, options: SandboxOptions): Promise<SandboxResult> {
    const account = await this.accountant.open(randomUUID(), spec.limits);
    try {
      return await this.supervise(spec, account, options);
    } finally {
      await account.close();
    }
  }

  async close(): Promise<void> {
    await this.accountant.close();
  }

  private async supervise(
    spec: SandboxSpec,
    account: Account,
    options: SandboxOptions,
  ): Promise<SandboxResult> {
    const capture = new OutputCapture(spec.limits.outputBytes, options.onOutput);
    const process = new SandboxedProcess(this.launch(spec), options.inputFd, (stream, data) => {
      capture.write(stream, data);
      if (capture.exceeded) watch.end('output');
    });
    const watch = new Watch(
      account,
      spec.limits,
      () => {
        process.stop();
      },
      options.signal,
    );
    try {
      watch.attend();
      await takeIn(process, account);
      watch.start();
      capture.begin();
      const result = await endOf(process, account);
      const { reason, memoryPeak } = await watch.finish();
      return this.resultOf(result, await account.read(), reason, memoryPeak, capture.end());
    } catch (error) {
      process.stop();
      // Account, workspace and slot are given up next, so nobody may be there any more. The first fault is the one to tell.
      await process.gone();
      await watch.finish().catch(() => undefined);
      capture.end();
      throw error;
    }
  }

  private resultOf(
    result: SupervisorResult,
    usage: Usage,
    stopped: StopReason | undefined,
    memoryPeak: number,
    output: OutputPreview,
  ): SandboxResult {
    const own = this.accountant.enforces;
    return {
      exitCode: result.exitCode,
      signal: result.signal === null ? null : signalName(result.signal),
      stopped,
      outOfMemory: usage.outOfMemory,
      output,
      wallMs: result.wallMs,
      cpuMs: own ? usage.cpuMs : result.cpuMs,
      memoryBytes: own ? usage.memoryBytes : Math.max(result.residentBytes, memoryPeak),
      accounting: this.accountant.source,
    };
  }
}

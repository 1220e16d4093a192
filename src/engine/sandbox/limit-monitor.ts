import { onAbort } from '../../common/async/abort';
import { EngineError } from './engine.error';
import { type Limits, memoryBytesMax } from './limits';
import type { ResourceGroup, ResourceUsage } from './resource-controller';

export type StopReason = 'wall' | 'cpu' | 'memory' | 'output' | 'abort';

/** Milliseconds between two reads of the resource usage. */
const SAMPLE_INTERVAL_MS = 20;
/** Milliseconds for the creation of a sandbox. It takes about 10 ms on a machine that is not overloaded. */
const SETUP_TIMEOUT_MS = 10_000;

/** Watches one run, stops it when it reaches a limit or is aborted, and keeps the first reason. */
export class LimitMonitor {
  private readonly timers: NodeJS.Timeout[] = [];
  private setupTimer: NodeJS.Timeout | undefined;
  private removeAbortListener = (): void => undefined;
  private sampling: Promise<void> | undefined;
  private stopReason: StopReason | undefined;
  private memoryPeak = 0;
  private baselineCpuMs = 0;
  private error: Error | undefined;

  /** @param stop called once, for the first reason */
  constructor(
    private readonly group: ResourceGroup,
    private readonly limits: Limits,
    private readonly stop: () => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Call before the sandbox is ready, because its creation may hang. */
  startSetup(): void {
    this.setupTimer = setTimeout(() => {
      this.error = new EngineError('The sandbox did not start in time');
      this.stopFor('abort');
    }, SETUP_TIMEOUT_MS);
    this.removeAbortListener = onAbort(this.signal, () => {
      this.stopFor('abort');
    });
  }

  /**
   * Starts to count the limits of the program.
   * @param baselineCpuMs CPU time that its resource group has used before
   */
  startProgram(baselineCpuMs: number): void {
    clearTimeout(this.setupTimer);
    this.baselineCpuMs = baselineCpuMs;
    this.timers.push(
      setTimeout(() => {
        this.stopFor('wall');
      }, this.limits.wallMs),
    );
    this.timers.push(
      setInterval(() => {
        this.sampling ??= this.sampleUsage();
      }, SAMPLE_INTERVAL_MS),
    );
  }

  /** Stops the run unless it has been stopped already. */
  stopFor(reason: StopReason): void {
    if (this.stopReason !== undefined) return;
    this.stopReason = reason;
    this.stop();
  }

  /**
   * Ends the monitoring, after a sample in progress.
   * @returns why the run was stopped, undefined when it ended by itself; and the largest sampled memory in bytes
   * @throws EngineError when the resource usage could not be read, or the sandbox did not start in time
   */
  async finish(): Promise<{ reason: StopReason | undefined; memoryPeak: number }> {
    clearTimeout(this.setupTimer);
    this.timers.forEach(clearInterval);
    this.removeAbortListener();
    await this.sampling;
    if (this.error !== undefined) throw this.error;
    return { reason: this.stopReason, memoryPeak: this.memoryPeak };
  }

  private async sampleUsage(): Promise<void> {
    try {
      this.compareWithLimits(await this.group.readUsage());
    } catch (error) {
      // Without samples the limits of the run cannot be enforced.
      this.error = new EngineError('The resource usage of the run could not be read', { cause: error });
      this.stopFor('abort');
    } finally {
      this.sampling = undefined;
    }
  }

  private compareWithLimits({ cpuMs, memoryBytes, outOfMemory }: ResourceUsage): void {
    this.memoryPeak = Math.max(this.memoryPeak, memoryBytes);
    if (cpuMs - this.baselineCpuMs > this.limits.cpuMs) this.stopFor('cpu');
    // The usage of a cgroup never exceeds its limit: the kernel kills one process, and the rest is stopped here.
    else if (outOfMemory || memoryBytes > memoryBytesMax(this.limits)) this.stopFor('memory');
  }
}

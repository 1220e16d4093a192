/** Watches a run and says the first reason to stop it. */
import { onAbort } from '../../common/async/abort';
import type { ResourceGroup, ResourceUsage } from './resource-controller';
import { EngineError } from './engine.error';
import { type Limits, memoryBytesOf } from './limits';

export type StopReason = 'wall' | 'cpu' | 'memory' | 'output' | 'abort';

const INTERVAL_MS = 20;
/** ms for making a sandbox, which takes 10 of them on a machine that is well. */
const START_TIMEOUT_MS = 10_000;

export class LimitMonitor {
  private readonly timers: NodeJS.Timeout[] = [];
  private startTimer: NodeJS.Timeout | undefined;
  private removeAbortListener = (): void => undefined;
  private reading: Promise<void> | undefined;
  private reached: StopReason | undefined;
  private memoryPeak = 0;
  private cpuMsBefore = 0;
  private fault: Error | undefined;

  /** @param stop called once, with the first reason */
  constructor(
    private readonly account: ResourceGroup,
    private readonly limits: Limits,
    private readonly stop: () => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Call first: a sandbox may hang while it is being made. */
  attend(): void {
    this.startTimer = setTimeout(() => {
      this.fault = new EngineError('The sandbox did not start in time');
      this.end('abort');
    }, START_TIMEOUT_MS);
    this.removeAbortListener = onAbort(this.signal, () => {
      this.end('abort');
    });
  }

  /** The limits of the program count from here. @param cpuMsBefore what its account shows already */
  start(cpuMsBefore: number): void {
    clearTimeout(this.startTimer);
    this.cpuMsBefore = cpuMsBefore;
    this.timers.push(
      setTimeout(() => {
        this.end('wall');
      }, this.limits.wallMs),
    );
    this.timers.push(
      setInterval(() => {
        this.reading ??= this.look();
      }, INTERVAL_MS),
    );
  }

  end(reason: StopReason): void {
    if (this.reached !== undefined) return;
    this.reached = reason;
    this.stop();
  }

  /**
   * Why the run was stopped; undefined when it ended by itself. Waits for a reading that is under way.
   * @throws EngineError when the account could not be read
   */
  async finish(): Promise<{ reason: StopReason | undefined; memoryPeak: number }> {
    clearTimeout(this.startTimer);
    this.timers.forEach(clearInterval);
    this.removeAbortListener();
    await this.reading;
    if (this.fault !== undefined) throw this.fault;
    return { reason: this.reached, memoryPeak: this.memoryPeak };
  }

  private async look(): Promise<void> {
    try {
      this.check(await this.account.read());
    } catch (error) {
      // Nobody could hold the run to its limits any more.
      this.fault = new EngineError('The figures of the run could not be read', { cause: error });
      this.end('abort');
    } finally {
      this.reading = undefined;
    }
  }

  private check({ cpuMs, memoryBytes, outOfMemory }: ResourceUsage): void {
    this.memoryPeak = Math.max(this.memoryPeak, memoryBytes);
    if (cpuMs - this.cpuMsBefore > this.limits.cpuMs) this.end('cpu');
    // A control group never shows more than its limit: it kills one process, and the others end here.
    else if (outOfMemory || memoryBytes > memoryBytesOf(this.limits)) this.end('memory');
  }
}

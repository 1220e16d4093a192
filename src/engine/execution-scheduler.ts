import { settledOrAborted } from '../common/async/abort';
import { ProblemException } from '../common/problems/problem.exception';
import { shuttingDownProblem } from '../common/problems/shutting-down.problem';
import type { ExecutionRequest } from '../engine-contract/execution-request';
import { type ExecutionReport, cancelledReport } from '../engine-contract/report';
import type { Slot } from './batch';
import type { ExecutionPlatform } from './execution-platform';
import { ExecutionRegistry } from './execution-registry';
import type { Executor } from './executor';
import type { Release, Slots } from './pool/slots';
import { roundMs } from './resource';
import { toExecutionReport } from './run-report';
import type { ExecuteOptions } from './runner';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import { EngineError } from './sandbox/engine.error';

/** Admits executions to slots, runs them, cancels them and stops them at shutdown. */
export class ExecutionScheduler {
  private readonly registry = new ExecutionRegistry();
  private readonly stopping = new AbortController();
  private isDraining = false;

  /** @param slotCount the number of slots in `slots` */
  constructor(
    private readonly slots: Slots,
    private readonly slotCount: number,
    private readonly platform: ExecutionPlatform,
  ) {}

  findStatus(jobId: string): 'QUEUED' | 'RUNNING' | undefined {
    return this.registry.findStatus(jobId);
  }

  cancel(jobId: string): Promise<boolean> {
    return this.registry.cancel(jobId);
  }

  async execute(request: ExecutionRequest, options: ExecuteOptions): Promise<ExecutionReport> {
    if (this.isDraining) throw shuttingDownProblem();
    const { executor, runtimes } = this.platform;
    if (!executor) throw this.sandboxUnavailableProblem();
    const installed = runtimes.get(request.language);
    const signals = [options.signal, this.stopping.signal];
    return this.registry.track(request.jobId, signals, async (signal, onStarted) => {
      const queuedAt = performance.now();
      const release = await this.acquireSlot(request, installed, signal);
      const queuedMs = roundMs(performance.now() - queuedAt);
      if (!release) return cancelledReport(queuedMs, request.inputs?.length);
      try {
        onStarted();
        const slot = { release, queuedMs };
        const report = await this.executeIn(slot, executor, request, installed, { ...options, signal });
        if (report.verdict === 'CANCELLED' && this.stopping.signal.aborted)
          throw new EngineError('The engine was stopped');
        return report;
      } finally {
        release();
      }
    });
  }

  /** Rejects new executions, waits at most `graceMs` for those that run, then stops them. */
  async drain(graceMs: number): Promise<void> {
    this.isDraining = true;
    await settledOrAborted(this.registry.allCompleted(), AbortSignal.timeout(graceMs));
    await this.stop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.registry.allCompleted();
  }

  /** @returns undefined if the signal aborts first */
  private async acquireSlot(
    { client }: ExecutionRequest,
    installed: InstalledRuntime,
    signal: AbortSignal,
  ): Promise<Release | undefined> {
    const pendingFill = this.platform.toolchainCaches.pendingFill(installed);
    if (pendingFill) await settledOrAborted(pendingFill, signal);
    return this.slots.acquire(client, signal);
  }

  private async executeIn(
    slot: Slot,
    executor: Executor,
    request: ExecutionRequest,
    installed: InstalledRuntime,
    options: ExecuteOptions,
  ): Promise<ExecutionReport> {
    const { runtimes, toolchainCaches } = this.platform;
    await runtimes.restore(installed);
    const allOptions = { ...options, cacheDir: toolchainCaches.directoryFor(installed) };
    if (!request.inputs) {
      const report = await executor.execute(request, installed, allOptions);
      return toExecutionReport(report, slot.queuedMs);
    }
    const batchSlots = {
      first: slot,
      countMax: this.slotCount,
      acquire: (signal: AbortSignal) => this.slots.acquire(request.client, signal),
    };
    return executor.executeAll(request, request.inputs, installed, batchSlots, allOptions);
  }

  private sandboxUnavailableProblem(): ProblemException {
    const { warning } = this.platform.state();
    return new ProblemException('sandbox-unavailable', warning ?? 'The engine has no sandbox.');
  }
}

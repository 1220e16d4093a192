/** The execution engine: finds out at start what it can run, executes, cancels, and tells its state. */
import { join } from 'node:path';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { settledOrAborted } from '../common/async/abort';
import type { Language } from '../engine-contract/language';
import { ProblemException } from '../common/problems/problem.exception';
import { shuttingDownProblem } from '../common/problems/shutting-down.problem';
import { type ExecutionReport, cancelledReport } from '../engine-contract/report';
import { EngineSettings } from '../config/settings';
import type { BatchSlots, Slot } from './batch';
import { CompiledProgramCache } from './compiled-program-cache';
import { ToolchainCaches } from './toolchain-caches';
import type { ExecutionRequest } from '../engine-contract/execution-request';
import type { EngineState } from './engine.state';
import { Executor } from './executor';
import type { RunReport } from './executor-dependencies';
import { RunFactory } from './pool/run-factory';
import { Slots } from './pool/slots';
import { WarmPool } from './pool/warm-pool';
import { WarmSandboxes } from './pool/warm-sandboxes';
import { roundMs } from './resource';
import { ExecutionRegistry } from './execution-registry';
import { type InstalledRuntime, RuntimeRegistry } from './runtimes/runtime.registry';
import { PATHS } from './sandbox/bubblewrap-launch';
import { EngineError } from './sandbox/engine.error';
import { type EngineFiles, engineFilesProvider } from './sandbox/engine-files';
import { findResourceController } from './sandbox/find-resource-controller';
import { type Isolation, findIsolation } from './sandbox/isolation';
import { unisolatedPaths } from './sandbox/launch';
import type { OnOutput } from './sandbox/output-capture';
import { Workspaces } from './workspaces';

const MIB = 1024 * 1024;
/** How many runs of one kind in a row, on every slot, find a sandbox that waits. */
const WARM_OF_A_KIND_PER_SLOT = 2;

interface ExecuteOptions {
  /** Ends the execution, which then gives a report of what was done until then. */
  readonly signal: AbortSignal;
  readonly onOutput: OnOutput;
}

@Injectable()
export class EngineService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(EngineService.name);
  private readonly registry: RuntimeRegistry;
  private readonly caches: ToolchainCaches;
  private readonly workspaces: Workspaces;
  private readonly slots: Slots;
  private readonly running = new ExecutionRegistry();
  private readonly stopping = new AbortController();
  private isolation: Isolation = {
    kind: 'none',
    sandbox: undefined,
    reason: 'The engine has not started yet',
  };
  private executor: Executor | undefined;
  private runFactory: RunFactory | undefined;
  private pool: WarmPool | undefined;
  private draining = false;

  constructor(private readonly settings: EngineSettings) {
    this.registry = new RuntimeRegistry(settings);
    this.caches = new ToolchainCaches(settings);
    this.workspaces = new Workspaces(settings.workDir);
    this.slots = new Slots(settings.slots, settings.queueMax);
  }

  async onModuleInit(): Promise<void> {
    const files = engineFilesProvider(this.settings.workDir);
    await this.workspaces.open();
    const controller = await findResourceController(this.settings.accounting);
    this.isolation = await findIsolation(this.settings, files, controller);
    const { sandbox, kind } = this.isolation;
    if (sandbox) await this.registry.detect(sandbox);
    const { warning } = this.state();
    if (warning !== null) this.logger.warn(warning);
    if (!sandbox || kind === 'none') return;
    const parts = { settings: this.settings, runFactory: new RunFactory(sandbox, this.workspaces) };
    if (kind === 'bubblewrap') {
      const compiled = new CompiledProgramCache(
        join(this.settings.workDir, 'compiled'),
        this.settings.compileCacheMb * MIB,
      );
      compiled.open();
      const warm = this.warmSandboxes(parts.runFactory, files);
      this.executor = new Executor({ ...parts, pathsOf: () => PATHS, warm, compiled });
    } else {
      // Programs could reach into what others left there.
      this.executor = new Executor({
        ...parts,
        pathsOf: unisolatedPaths,
        warm: undefined,
        compiled: undefined,
      });
    }
    this.runFactory = parts.runFactory;
    for (const installed of this.registry.listInstalled()) {
      this.caches.fill(installed, this.executor, this.stopping.signal);
    }
    this.pool?.fill();
  }

  /** Waits at most `graceMs` for what runs, then stops it; nothing new is taken. */
  async drain(graceMs: number): Promise<void> {
    this.draining = true;
    await settledOrAborted(this.running.allCompleted(), AbortSignal.timeout(graceMs));
    this.stopping.abort();
    await this.running.allCompleted();
  }

  /** Stops whatever still runs and takes away everything that the engine made for itself. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running.allCompleted();
    await this.caches.allFilled();
    await this.pool?.close();
    await this.isolation.sandbox?.close();
    await this.runFactory?.allRemoved();
    await this.workspaces.close();
  }

  languages(): Language[] {
    return this.registry.list(this.state().warning);
  }

  state(): EngineState {
    const { kind, sandbox } = this.isolation;
    const warm = this.pool?.counts() ?? null;
    switch (this.isolation.kind) {
      case 'bubblewrap':
        return { isolation: kind, accounting: this.isolation.sandbox.accounting, warm, warning: null };
      case 'process':
        return {
          isolation: kind,
          accounting: sandbox?.accounting ?? null,
          warm,
          warning: this.isolation.warning,
        };
      case 'none':
        return {
          isolation: kind,
          accounting: null,
          warm,
          warning: `Nothing can be executed: ${this.isolation.reason}`,
        };
    }
  }

  findStatus(jobId: string): 'QUEUED' | 'RUNNING' | undefined {
    return this.running.findStatus(jobId);
  }

  /** True when the execution was there and its whole process tree is gone; false when there is none. */
  cancel(jobId: string): Promise<boolean> {
    return this.running.cancel(jobId);
  }

  /**
   * Gives a report whatever the program does.
   * @throws ProblemException `sandbox-unavailable`, `unsupported-language`, `engine-busy`, `job-already-running`
   * @throws EngineError when the sandbox itself failed
   */
  async execute(request: ExecutionRequest, options: ExecuteOptions): Promise<ExecutionReport> {
    const { executor } = this;
    if (this.draining) throw shuttingDownProblem();
    if (!executor) throw this.unavailable();
    const installed = this.registry.get(request.language);
    return this.running.track(
      request.jobId,
      [options.signal, this.stopping.signal],
      async (signal, onStarted) => {
        const queuedAt = performance.now();
        const release = await this.admit(request, installed, signal);
        const queuedMs = roundMs(performance.now() - queuedAt);
        if (!release) return cancelledReport(queuedMs, request.inputs?.length);
        try {
          onStarted();
          const cacheDir = this.caches.directoryFor(installed);
          await this.registry.restore(installed);
          const calls = { ...options, signal, cacheDir };
          const report = request.inputs
            ? await executor.executeAll(
                request,
                request.inputs,
                installed,
                this.slotsOf(request, { release, queuedMs }),
                calls,
              )
            : finished(await executor.execute(request, installed, calls), queuedMs);
          if (report.verdict === 'CANCELLED' && this.stopping.signal.aborted)
            throw new EngineError('The engine was stopped');
          return report;
        } finally {
          release();
        }
      },
    );
  }

  /** Undefined when the execution is cancelled while it waits. */
  private async admit(
    request: ExecutionRequest,
    installed: InstalledRuntime,
    signal: AbortSignal,
  ): Promise<(() => void) | undefined> {
    const filling = this.caches.pendingFill(installed);
    if (filling) await settledOrAborted(filling, signal);
    return this.slots.acquire(request.client, signal);
  }

  /** For many inputs: as many as there are at most, for the client that asks. */
  private slotsOf({ client }: ExecutionRequest, first: Slot): BatchSlots {
    return {
      first,
      countMax: this.settings.slots,
      acquire: (signal) => this.slots.acquire(client, signal),
    };
  }

  /** Undefined when they are switched off. */
  private warmSandboxes(runFactory: RunFactory, files: () => EngineFiles): WarmSandboxes | undefined {
    if (this.settings.warmMemoryMb === 0) return undefined;
    this.pool = new WarmPool({
      memoryBytesMax: this.settings.warmMemoryMb * MIB,
      countMax: this.settings.slots * WARM_OF_A_KIND_PER_SLOT,
      canFill: () => this.slots.free > 0 && !this.draining,
      onCreateError: ({ name }, error) => {
        this.logger.warn(`No sandbox for ${name} can be made beforehand: ${String(error)}`);
      },
    });
    const warm = new WarmSandboxes(this.settings, runFactory, this.pool, () => files().directory);
    for (const installed of this.registry.listInstalled()) warm.register(installed);
    this.slots.onIdle(() => this.pool?.fill());
    return warm;
  }

  private unavailable(): ProblemException {
    const { warning } = this.state();
    return new ProblemException('sandbox-unavailable', warning ?? 'The engine has no sandbox.');
  }
}

const finished = (report: RunReport, queuedMs: number): ExecutionReport => ({
  ...report,
  queuedMs,
  completedAt: new Date().toISOString(),
});

import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { EngineSettings } from '../config/settings';
import type { ExecutionRequest } from '../engine-contract/execution-request';
import type { Language } from '../engine-contract/language';
import type { ExecutionReport } from '../engine-contract/report';
import type { EngineState } from './engine.state';
import { ExecutionPlatform } from './execution-platform';
import { ExecutionScheduler } from './execution-scheduler';
import { Slots } from './pool/slots';
import type { ExecuteOptions } from './runner';

/** The execution engine, as its HTTP server and an embedding gateway use it. */
@Injectable()
export class EngineService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(EngineService.name);
  private readonly platform: ExecutionPlatform;
  private readonly scheduler: ExecutionScheduler;

  constructor(settings: EngineSettings) {
    const slots = new Slots(settings.slots, settings.queueMax);
    this.platform = new ExecutionPlatform(settings, slots);
    this.scheduler = new ExecutionScheduler(slots, settings.slots, this.platform);
  }

  async onModuleInit(): Promise<void> {
    await this.platform.open();
    const { warning } = this.state();
    if (warning !== null) this.logger.warn(warning);
  }

  /** Rejects new executions, waits at most `graceMs` for those that run, then stops them. */
  async drain(graceMs: number): Promise<void> {
    this.platform.stopPreparing();
    await this.scheduler.drain(graceMs);
  }

  /** Stops the executions that still run, and removes everything that the engine has created for itself. */
  async onApplicationShutdown(): Promise<void> {
    await this.scheduler.stop();
    await this.platform.close();
  }

  /** All languages that the engine knows, installed or not. */
  languages(): Language[] {
    return this.platform.runtimes.list(this.state().warning);
  }

  state(): EngineState {
    return this.platform.state();
  }

  /** The status of an execution; undefined if it has ended or never existed. */
  findStatus(jobId: string): 'QUEUED' | 'RUNNING' | undefined {
    return this.scheduler.findStatus(jobId);
  }

  /** Waits until all processes of the execution have exited. @returns false if there is no such execution */
  cancel(jobId: string): Promise<boolean> {
    return this.scheduler.cancel(jobId);
  }

  /**
   * Returns a report whatever the program does.
   * @throws ProblemException `shutting-down`, `sandbox-unavailable`, `unsupported-language`, `engine-busy`,
   *   `job-already-running`
   * @throws EngineError when the sandbox itself failed, or the engine was stopped
   */
  execute(request: ExecutionRequest, options: ExecuteOptions): Promise<ExecutionReport> {
    return this.scheduler.execute(request, options);
  }
}

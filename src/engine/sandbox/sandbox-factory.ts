import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Accounting } from '../../engine-contract/report';
import type { Launch, SandboxSpec } from './launch';
import type { Limits } from './limits';
import { PreparedSandbox, type Program, type RunOptions, type SandboxResult } from './prepared-sandbox';
import type { ResourceController } from './resource-controller';
import { SandboxedProcess } from './sandboxed-process';

/** Creates sandboxes, each for one program, and keeps track of those that exist. */
export class SandboxFactory {
  private readonly logger = new Logger(SandboxFactory.name);
  private readonly sandboxes = new Set<PreparedSandbox>();

  constructor(
    private readonly launch: (spec: SandboxSpec) => Launch,
    private readonly controller: ResourceController,
  ) {}

  get accounting(): Accounting {
    return this.controller.source;
  }

  /**
   * Creates a sandbox for a program that may not be known yet.
   * @param limits the limits of the program; while it is not known, the largest that it may have
   * @param inputFd the program's standard input; may be closed when the returned promise has settled
   * @throws EngineError when the sandbox cannot be created
   */
  async prepare(spec: SandboxSpec, limits: Limits, inputFd: number): Promise<PreparedSandbox> {
    const runId = randomUUID();
    const group = await this.controller.openGroup(runId, limits);
    try {
      const launch = this.launch(spec);
      const sandbox = new PreparedSandbox({
        process: new SandboxedProcess(launch, inputFd, group.joinPaths),
        group,
        program: launch.program,
        accounting: this.controller.source,
        enforcesLimits: this.controller.enforcesLimits,
        limits,
      });
      this.sandboxes.add(sandbox);
      void sandbox.closed
        .catch((error: unknown) => {
          this.logger.warn({ err: error, run_id: runId }, 'failed to close the resource group of a run');
        })
        .finally(() => this.sandboxes.delete(sandbox));
      return sandbox;
    } catch (error) {
      await group.close().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Creates a sandbox and runs a program in it.
   * @throws EngineError when the sandbox itself failed, never because of what the program did
   */
  async run(
    spec: SandboxSpec,
    program: Program,
    inputFd: number,
    options: RunOptions,
  ): Promise<SandboxResult> {
    const sandbox = await this.prepare(spec, program.limits, inputFd);
    return sandbox.run(program, '', options);
  }

  /** Call after the last run. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.sandboxes].map((sandbox) => sandbox.discard()));
    await this.controller.close();
  }
}

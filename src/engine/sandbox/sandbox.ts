/** Makes sandboxes, each for one program, within limits; knows all that are there. */
import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Accounting } from '../../engine-contract/report';
import type { ResourceController } from './resource-controller';
import type { Launch, SandboxSpec } from './launch';
import type { Limits } from './limits';
import { PreparedSandbox, type Program, type RunOptions, type SandboxResult } from './prepared-sandbox';
import { SandboxedProcess } from './sandboxed-process';

export class Sandbox {
  private readonly logger = new Logger(Sandbox.name);
  private readonly sandboxes = new Set<PreparedSandbox>();

  constructor(
    private readonly launch: (spec: SandboxSpec) => Launch,
    private readonly controller: ResourceController,
  ) {}

  get accounting(): Accounting {
    return this.controller.source;
  }

  /**
   * @param limits of the program, or of the largest that may come
   * @param inputFd its standard input; may be closed when this has settled
   * @throws EngineError when it cannot even be tried
   */
  async prepare(spec: SandboxSpec, limits: Limits, inputFd: number): Promise<PreparedSandbox> {
    const group = await this.controller.openGroup(randomUUID(), limits);
    try {
      const launch = this.launch(spec);
      const process = new SandboxedProcess(launch, inputFd, group.joinPaths);
      const { source: accounting, enforcesLimits } = this.controller;
      const { program } = launch;
      const prepared = new PreparedSandbox({ process, group, program, accounting, enforcesLimits, limits });
      this.sandboxes.add(prepared);
      void prepared.closed
        .catch((error: unknown) => {
          this.logger.warn(`The group of a run could not be closed: ${String(error)}`);
        })
        .finally(() => this.sandboxes.delete(prepared));
      return prepared;
    } catch (error) {
      await group.close().catch(() => undefined);
      throw error;
    }
  }

  /** All at once. @throws EngineError when the sandbox itself failed, never for what the program did */
  async run(
    spec: SandboxSpec,
    program: Program,
    inputFd: number,
    options: RunOptions,
  ): Promise<SandboxResult> {
    const prepared = await this.prepare(spec, program.limits, inputFd);
    return prepared.run(program, '', options);
  }

  /** Call when nothing runs any more. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.sandboxes].map((prepared) => prepared.discard()));
    await this.controller.close();
  }
}

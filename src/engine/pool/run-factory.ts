import { closeSync } from 'node:fs';
import type { SandboxSpec } from '../sandbox/launch';
import type { Limits } from '../sandbox/limits';
import type { PreparedSandbox } from '../sandbox/prepared-sandbox';
import type { SandboxFactory } from '../sandbox/sandbox-factory';
import type { Workspace, Workspaces } from '../workspaces';

/** All that one program needs to run: a sandbox, and the workspace whose files are visible in it. */
export interface PreparedRun {
  readonly workspace: Workspace;
  readonly sandbox: PreparedSandbox;
}

/** The part of a sandbox's specification that does not follow from its workspace. */
export type RunSpec = Omit<SandboxSpec, 'appDir'>;

/** Creates sandboxes with their workspaces, and removes each workspace when its sandbox has ended. */
export class RunFactory {
  private readonly removals = new Set<Promise<void>>();

  constructor(
    private readonly sandboxes: SandboxFactory,
    private readonly workspaces: Workspaces,
  ) {}

  /** @throws EngineError when the sandbox cannot be created */
  async create(spec: RunSpec, limits: Limits): Promise<PreparedRun> {
    const workspace = this.workspaces.create();
    return { workspace, sandbox: await this.prepare(workspace, spec, limits) };
  }

  /** Settles when the workspaces of all ended runs are removed. */
  async allRemoved(): Promise<void> {
    await Promise.all(this.removals);
  }

  private async prepare(workspace: Workspace, spec: RunSpec, limits: Limits): Promise<PreparedSandbox> {
    try {
      const input = workspace.openInput();
      try {
        const sandbox = await this.sandboxes.prepare({ ...spec, appDir: workspace.appDir }, limits, input);
        this.removeAfter(sandbox.closed, workspace);
        return sandbox;
      } finally {
        closeSync(input);
      }
    } catch (error) {
      this.removeAfter(Promise.resolve(), workspace);
      throw error;
    }
  }

  /** Runs in the background, because a response must not wait for it. Workspaces that could not be removed are removed at shutdown. */
  private removeAfter(closed: Promise<void>, workspace: Workspace): void {
    const remove = (): Promise<void> => workspace.remove();
    const removal: Promise<void> = closed.then(remove, remove).catch(() => undefined);
    this.removals.add(removal);
    void removal.then(() => this.removals.delete(removal));
  }
}

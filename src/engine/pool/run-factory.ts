/** Where one program runs: a sandbox and the directory that it sees, made together and gone together. */
import { closeSync } from 'node:fs';
import type { SandboxSpec } from '../sandbox/launch';
import type { Limits } from '../sandbox/limits';
import type { PreparedSandbox } from '../sandbox/prepared-sandbox';
import type { Sandbox } from '../sandbox/sandbox';
import type { Workspace, Workspaces } from '../workspaces';

export interface PreparedRun {
  readonly workspace: Workspace;
  readonly sandbox: PreparedSandbox;
}

/** What of a sandbox does not follow from its workspace. */
export type RunSpec = Omit<SandboxSpec, 'appDir'>;

export class RunFactory {
  private readonly removing = new Set<Promise<void>>();

  constructor(
    private readonly sandbox: Sandbox,
    private readonly workspaces: Workspaces,
  ) {}

  /** @throws EngineError when it cannot even be tried */
  async make(spec: RunSpec, limits: Limits): Promise<PreparedRun> {
    const workspace = this.workspaces.create();
    return { workspace, sandbox: await this.prepare(workspace, spec, limits) };
  }

  /** Settles when everything that is over is gone. */
  async settled(): Promise<void> {
    await Promise.all(this.removing);
  }

  private async prepare(workspace: Workspace, spec: RunSpec, limits: Limits): Promise<PreparedSandbox> {
    try {
      const input = workspace.openInput();
      try {
        const sandbox = await this.sandbox.prepare({ ...spec, appDir: workspace.appDir }, limits, input);
        this.removeAfter(sandbox.gone, workspace);
        return sandbox;
      } finally {
        closeSync(input);
      }
    } catch (error) {
      this.removeAfter(Promise.resolve(), workspace);
      throw error;
    }
  }

  /** Nobody waits for it: the answer is out, or on its way. What cannot be removed now goes with the engine. */
  private removeAfter(gone: Promise<void>, workspace: Workspace): void {
    const remove = (): Promise<void> => workspace.remove();
    const removing: Promise<void> = gone.then(remove, remove).catch(() => undefined);
    this.removing.add(removing);
    void removing.then(() => this.removing.delete(removing));
  }
}

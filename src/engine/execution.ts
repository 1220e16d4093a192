/** One execution from code to report: workspace, compilation, run, and nothing left behind. */
import { type CompileReport, type ExecutionReport, NOTHING_RAN, type Verdict } from '../common/report';
import type { EngineSettings } from '../config/settings';
import type { EngineRequest } from './engine.request';
import { resourceOf } from './resource';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import type { SandboxPaths, SandboxSpec } from './sandbox/launch';
import type { OnOutput } from './sandbox/output-capture';
import type { Sandbox, SandboxResult } from './sandbox/sandbox';
import { compileSpec, runSpec, type StepContext } from './step';
import { verdictOf } from './verdict';
import { type Workspace, type Workspaces, makeOwnDirectory } from './workspaces';

/** Everything of a report but what the waiting line knows. */
export type RunReport = Omit<ExecutionReport, 'queuedMs' | 'completedAt'>;

interface ExecutionOptions {
  readonly signal: AbortSignal;
  readonly onOutput: OnOutput;
  readonly cacheDir: string | undefined;
  /** ms; the engine's setting without it. */
  readonly compileTimeoutMs?: number;
}

export class Executor {
  constructor(
    private readonly settings: EngineSettings,
    private readonly sandbox: Sandbox,
    private readonly workspaces: Workspaces,
    private readonly pathsOf: (appDir: string, cacheDir: string | undefined) => SandboxPaths,
  ) {}

  /** @throws EngineFault when the sandbox itself failed */
  async execute(
    request: EngineRequest,
    installed: InstalledRuntime,
    options: ExecutionOptions,
  ): Promise<RunReport> {
    const { runtime } = installed;
    const fileName = runtime.fileName?.(request.code) ?? `main.${runtime.extension}`;
    const workspace = await this.workspaces.create(fileName, request.code, request.input);
    try {
      const { appDir } = workspace;
      const { cacheDir, compileTimeoutMs = this.settings.compileTimeoutMs } = options;
      // It may be gone: the working directory is in /tmp.
      if (cacheDir !== undefined) await makeOwnDirectory(cacheDir);
      const paths = this.pathsOf(appDir, cacheDir);
      const context = {
        installed,
        request,
        settings: this.settings,
        appDir,
        fileName,
        paths,
        cacheDir,
        compileTimeoutMs,
      };
      return await this.steps(context, workspace, options);
    } finally {
      await workspace.remove();
    }
  }

  private async steps(
    context: StepContext,
    workspace: Workspace,
    options: ExecutionOptions,
  ): Promise<RunReport> {
    const { runtime } = context.installed;
    const spec = compileSpec(context);
    const compiled = spec && (await this.run(spec, workspace, { ...options, onOutput: () => undefined }));
    const compile = compiled ? compileReportOf(compiled) : null;
    if (compiled && compiled.exitCode !== 0) {
      const verdict = compiled.stopped === 'abort' ? 'CANCELLED' : 'COMPILE_ERROR';
      return { ...NOTHING_RAN, verdict, compile, errorMessage: compileMessage(compiled, verdict) };
    }
    const result = await this.run(runSpec(context), workspace, options);
    return {
      verdict: verdictOf(result, runtime),
      exitCode: result.exitCode,
      signal: result.signal,
      ...result.output,
      resource: resourceOf(result),
      compile,
      errorMessage: null,
    };
  }

  private async run(
    spec: SandboxSpec,
    workspace: Workspace,
    { signal, onOutput }: ExecutionOptions,
  ): Promise<SandboxResult> {
    const input = await workspace.openInput();
    try {
      return await this.sandbox.run(spec, { inputFd: input.fd, signal, onOutput });
    } finally {
      await input.close();
    }
  }
}

function compileReportOf(result: SandboxResult): CompileReport {
  return {
    exitCode: result.exitCode,
    signal: result.signal,
    ...result.output,
    resource: resourceOf(result),
  };
}

/** The compiler's own words are in `compile`; this tells what it could not say itself. */
function compileMessage(result: SandboxResult, verdict: Verdict): string | null {
  if (verdict === 'CANCELLED') return null;
  if (result.outOfMemory || result.stopped === 'memory') return 'The compiler reached its memory limit.';
  switch (result.stopped) {
    case 'wall':
    case 'cpu':
      return 'The compiler reached its time limit.';
    case 'output':
      return 'The compiler reached the output limit.';
    default:
      return null;
  }
}

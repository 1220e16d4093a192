/** What an execution is made with, and what comes of it. */
import type { ExecutionReport } from '../engine-contract/report';
import type { EngineSettings } from '../config/settings';
import type { CompiledProgramCache } from './compiled-program-cache';
import type { RunFactory } from './pool/run-factory';
import type { WarmSandboxes } from './pool/warm-sandboxes';
import type { SandboxPaths } from './sandbox/launch';

/** Everything of a report of one input but what the waiting line knows. */
export type RunReport = Omit<ExecutionReport, 'queuedMs' | 'completedAt' | 'results'>;

export interface ExecutorDependencies {
  readonly settings: EngineSettings;
  readonly runFactory: RunFactory;
  readonly pathsOf: (appDir: string, cacheDir: string | undefined) => SandboxPaths;
  /** Undefined when every sandbox is made when it is needed. */
  readonly warm: WarmSandboxes | undefined;
  /** Undefined when everything is compiled each time. */
  readonly compiled: CompiledProgramCache | undefined;
}

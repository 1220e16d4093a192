import type { EngineSettings } from '../config/settings';
import type { CompiledProgramCache } from './compiled-program-cache';
import type { RunFactory } from './pool/run-factory';
import type { WarmSandboxes } from './pool/warm-sandboxes';
import type { SandboxPaths } from './sandbox/launch';

/** What compilations and runs share. */
export interface ExecutorDependencies {
  readonly settings: EngineSettings;
  readonly runFactory: RunFactory;
  /** Translates directories of the host into the paths under which a sandboxed process sees them. */
  readonly resolvePaths: (appDir: string, cacheDir: string | undefined) => SandboxPaths;
  /** Undefined: every sandbox is created when its program arrives. */
  readonly warmSandboxes: WarmSandboxes | undefined;
  /** Undefined: every execution compiles its program. */
  readonly programCache: CompiledProgramCache | undefined;
}

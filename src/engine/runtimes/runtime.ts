/** What a language is to the engine: data, in one file each. */

export interface RuntimeContext {
  /** The directory of the code, as the program sees it; a compilation puts its result there too. */
  readonly app: string;
  /** The path of the code. */
  readonly source: string;
  /** The executables that were found, by the names under which the runtime asked for them. */
  readonly tools: Readonly<Record<string, string>>;
  /** The memory limit of the step, in MiB. */
  readonly memoryMb: number;
  /** The code itself, for languages in which it decides about names. */
  readonly code: string;
}

/**
 * How an interpreter is loaded before there is code: it stops at a hook of `preload/`, where the supervisor finds it
 * (supervisor.pl), and goes on as if nothing had been.
 */
export interface Preload {
  /** Whether the hook knows this version; all, without it. */
  readonly supports?: (version: string) => boolean;
  /** As `run`, for code that is `main.{extension}`. */
  readonly command: (context: PreloadContext) => readonly string[];
  readonly environment?: (context: PreloadContext) => Readonly<Record<string, string>>;
  /** A directory of `app` that must be there when the interpreter starts. */
  readonly requiredDirectory?: string;
  /** What the hook has to be told; without it, only to go on. */
  readonly message?: (context: RuntimeContext) => string;
  /** Builds the hook into a directory that may be written to. */
  readonly build?: (context: PreloadContext) => readonly string[];
}

export interface PreloadContext extends Omit<RuntimeContext, 'source' | 'code'> {
  /** The directory of the hooks. */
  readonly hooksDirectory: string;
  /** The directory that `build` has filled, or is to fill. */
  readonly buildDirectory: string;
}

export interface Runtime {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  /** Of the uploaded file, without a dot. */
  readonly extension: string;
  /** Names of executables to look for, the best first, by the name that the commands use. */
  readonly tools: Readonly<Record<string, readonly string[]>>;
  /** The tools that a run needs, where a compilation needs more; all, without it. */
  readonly runTools?: readonly string[];
  /** Prints the version; the first group of the pattern is it. */
  readonly version: {
    readonly command: (tools: Readonly<Record<string, string>>) => readonly string[];
    readonly pattern: RegExp;
  };
  /** `main.{extension}` unless the language ties the name to the code. */
  readonly fileName?: (code: string) => string;
  readonly compile?: (context: RuntimeContext) => readonly string[];
  readonly run: (context: RuntimeContext) => readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What the language itself says on standard error when its own memory limit is reached. */
  readonly outOfMemory?: RegExp;
  /** Without it, loading the interpreter takes too little time to be done beforehand. */
  readonly preload?: Preload;
  /** A directory that compilations share, and a program whose compilation fills it. */
  readonly cache?: { readonly variable: string; readonly code: string };
}

/** The options of an interpreter that just takes a file. */
type ScriptDefinition = Pick<Runtime, 'id' | 'name' | 'aliases' | 'extension'> & {
  readonly executables: readonly string[];
  readonly versionPattern: RegExp;
  readonly versionOption?: string;
  readonly options?: readonly string[];
} & Pick<Partial<Runtime>, 'environment' | 'outOfMemory' | 'preload'>;

export function scriptRuntime(definition: ScriptDefinition): Runtime {
  const { executables, versionPattern, versionOption = '--version', options = [], ...rest } = definition;
  return {
    ...rest,
    tools: { interpreter: executables },
    version: { command: ({ interpreter = '' }) => [interpreter, versionOption], pattern: versionPattern },
    run: ({ tools: { interpreter = '' }, source }) => [interpreter, ...options, source],
  };
}

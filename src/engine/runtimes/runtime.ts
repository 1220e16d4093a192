/** What the commands of a language are built from. All paths are those that the sandboxed process sees. */
export interface RuntimeContext {
  /** The directory of the source file. A compilation writes its result into it, and a run can read it. */
  readonly app: string;
  /** The path of the source file, in `app`. */
  readonly source: string;
  /** The paths of the executables, by the names that `Runtime.tools` gives them. */
  readonly tools: Readonly<Record<string, string>>;
  /** The memory limit of this compilation or run, in MiB. */
  readonly memoryMb: number;
  /** The code, for languages in which it determines file or class names. */
  readonly code: string;
}

/** Like `RuntimeContext`, but for a command that starts before there is a program. */
export interface PreloadContext extends Omit<RuntimeContext, 'source' | 'code'> {
  /** The directory that contains the files of `runtimes/preload`. */
  readonly hooksDirectory: string;
  /** The directory that `build` writes into, and in which the other commands find what it has built. */
  readonly buildDirectory: string;
}

/**
 * How an interpreter is started before there is a program for it. It loads a preload hook, a file of `runtimes/preload`,
 * which writes one byte to file descriptor 4, reads one line from descriptor 3, writes another byte to 4, closes both and
 * lets the interpreter continue. The hook must leave no trace that the program can see.
 */
export interface Preload {
  /** Whether the hook works with this version. By default it works with all. */
  readonly supports?: (version: string) => boolean;
  /** Starts the interpreter, as `Runtime.run` does, for a source file that will be `main.{extension}`. */
  readonly command: (context: PreloadContext) => readonly string[];
  /** Variables in addition to `Runtime.environment`. The hook removes those that the program must not see. */
  readonly environment?: (context: PreloadContext) => Readonly<Record<string, string>>;
  /** The name of a directory in `app` that must exist when the interpreter starts. */
  readonly requiredDirectory?: string;
  /** The line that the hook reads from descriptor 3. By default it is empty. */
  readonly message?: (context: RuntimeContext) => string;
  /** Compiles the hook into `buildDirectory`. Runs once for each version, in a sandbox. Default: the hook is a script. */
  readonly build?: (context: PreloadContext) => readonly string[];
}

/**
 * A language. To add one, export a `Runtime` from a file of its own and list it in `runtimes/index.ts`. Interpreters that
 * run a source file directly only need `scriptRuntime`. At start, the engine looks for the tools, runs the version command
 * in a sandbox, and lists the language as available if that works.
 */
export interface Runtime {
  /** Lower case, unique among the ids and aliases of all languages. Part of the API. */
  readonly id: string;
  /** The display name, for example `C (GCC)`. */
  readonly name: string;
  /** Further names that requests may use instead of `id`. */
  readonly aliases: readonly string[];
  /** The extension of the source file, without a dot. Unique. */
  readonly extension: string;
  /**
   * The executables that the commands need. Each key is the name that the commands use. Its value lists file names to look
   * for in ENGINE_PATH, the preferred one first, or `package:path` for a file of a Node package of this service.
   */
  readonly tools: Readonly<Record<string, readonly string[]>>;
  /** The keys of those tools that a run needs. Default: all, also those that only the compilation needs. */
  readonly runTools?: readonly string[];
  /** How the version is found: the first group of `pattern` in the output of `command` on stdout or stderr. */
  readonly version: {
    readonly command: (tools: Readonly<Record<string, string>>) => readonly string[];
    readonly pattern: RegExp;
  };
  /** The name of the source file, if the language derives it from the code. Default: `main.{extension}`. */
  readonly fileName?: (code: string) => string;
  /** The command that compiles `source` into `app`. Default: the language is not compiled. */
  readonly compile?: (context: RuntimeContext) => readonly string[];
  /** The command that runs the program. Its first element is an absolute path. */
  readonly run: (context: RuntimeContext) => readonly string[];
  /** Variables for the compilation and the run, in addition to PATH, HOME, TMPDIR, LANG and TZ. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Matches the end of the program's output if the language itself reports that memory is exhausted. The verdict of a
   * failed run is then MEMORY_LIMIT.
   */
  readonly outOfMemory?: RegExp;
  /** Default: the interpreter is not preloaded, which is right if it starts in a few milliseconds. */
  readonly preload?: Preload;
  /**
   * A directory that the toolchain caches its own files in, shared by all compilations. `variable` is the environment
   * variable for its path. The engine fills the cache by compiling `code` once.
   */
  readonly cache?: { readonly variable: string; readonly code: string };
}

type ScriptDefinition = Pick<Runtime, 'id' | 'name' | 'aliases' | 'extension'> & {
  /** File names of the interpreter, the preferred one first. */
  readonly executables: readonly string[];
  readonly versionPattern: RegExp;
  /** The option that prints the version. Default: `--version`. */
  readonly versionOption?: string;
  /** Options before the path of the source file. */
  readonly options?: readonly string[];
} & Pick<Partial<Runtime>, 'environment' | 'outOfMemory' | 'preload'>;

/** A language whose interpreter runs the source file without compiling it. */
export function scriptRuntime(definition: ScriptDefinition): Runtime {
  const { executables, versionPattern, versionOption = '--version', options = [], ...rest } = definition;
  return {
    ...rest,
    tools: { interpreter: executables },
    version: { command: ({ interpreter = '' }) => [interpreter, versionOption], pattern: versionPattern },
    run: ({ tools: { interpreter = '' }, source }) => [interpreter, ...options, source],
  };
}

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

export interface Runtime {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  /** Of the uploaded file, without a dot. */
  readonly extension: string;
  /** Names of executables to look for, the best first, by the name that the commands use. */
  readonly tools: Readonly<Record<string, readonly string[]>>;
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
  /** A directory that compilations share, and a program whose compilation fills it. */
  readonly cache?: { readonly variable: string; readonly code: string };
}

/** The options of an interpreter that just takes a file. */
type Script = Pick<Runtime, 'id' | 'name' | 'aliases' | 'extension'> & {
  readonly executables: readonly string[];
  readonly versionPattern: RegExp;
  readonly versionOption?: string;
  readonly options?: readonly string[];
} & Pick<Partial<Runtime>, 'environment' | 'outOfMemory'>;

export function script(definition: Script): Runtime {
  const { executables, versionPattern, versionOption = '--version', options = [], ...rest } = definition;
  return {
    ...rest,
    tools: { interpreter: executables },
    version: { command: ({ interpreter = '' }) => [interpreter, versionOption], pattern: versionPattern },
    run: ({ tools: { interpreter = '' }, source }) => [interpreter, ...options, source],
  };
}

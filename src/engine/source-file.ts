import type { InstalledRuntime } from './runtimes/runtime.registry';

/** Uploaded code and the installed language that it is written in. */
export interface SourceFile {
  readonly installed: InstalledRuntime;
  readonly code: string;
  /** The file name without a directory. */
  readonly fileName: string;
}

/** Names the file `main.{extension}`, unless the language derives the name from the code. */
export const toSourceFile = (installed: InstalledRuntime, code: string): SourceFile => ({
  installed,
  code,
  fileName: installed.runtime.fileName?.(code) ?? `main.${installed.runtime.extension}`,
});

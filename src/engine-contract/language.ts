/** A language as the engine offers it and as clients see it. */
export interface Language {
  /** The canonical id, in lower case. */
  readonly id: string;
  readonly name: string;
  /** In lower case. */
  readonly aliases: readonly string[];
  /** Of the file that is uploaded, without a dot. */
  readonly extension: string;
  /** Null where it is not installed. */
  readonly version: string | null;
  readonly compiled: boolean;
  readonly available: boolean;
  /** What whoever executes it should know: that programs run without isolation, or cannot run. Null: all is well. */
  readonly warning: string | null;
}

export interface Language {
  /** The canonical id, in lower case. */
  readonly id: string;
  readonly name: string;
  /** The canonical id, in lower case. */
  readonly aliases: readonly string[];
  /** The extension of source files, without a dot. */
  readonly extension: string;
  /** Null when it is not installed. */
  readonly version: string | null;
  readonly compiled: boolean;
  readonly available: boolean;
  /** A problem of the engine, for example that programs run without isolation; null when there is none. */
  readonly warning: string | null;
}

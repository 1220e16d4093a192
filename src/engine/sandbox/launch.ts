/** How a sandbox is started: the same supervisor, with isolation around it or without. */
import { join } from 'node:path';

/** The user that programs run as when the engine itself is root: nobody, on every common system. */
const NOBODY = 65_534;
export const sandboxUid = (): number | undefined => (process.getuid?.() === 0 ? NOBODY : undefined);

/** What is decided when a sandbox is made, in paths of the host. */
export interface SandboxSpec {
  /** The directory of the code and of what was compiled. */
  readonly appDir: string;
  /** A compilation writes to the app directory; a program gets it read-only and writes to a directory of its own. */
  readonly writesApp: boolean;
  /** Toolchains outside the system's own directories, visible at the same path. */
  readonly toolchains: readonly string[];
  /** The cache of a compiler: written to by this step, and kept. */
  readonly cacheDir: string | undefined;
  /** MiB of all directories together that a program writes to. */
  readonly diskMb: number;
  /** Bytes of the longest standard input that may come. */
  readonly inputBytes: number;
}

export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { cwd: string; env: Record<string, string>; uid?: number; gid?: number };
  /** What each program in it begins with. */
  readonly program: { readonly directory: string; readonly environment: Readonly<Record<string, string>> };
  /** Whether bubblewrap tells the pid of the supervisor on fd 4; else it is that of the process started. */
  readonly reportsPid: boolean;
  /** A variable of its environment by which its processes are found when no namespace ends them. */
  readonly mark?: string;
}

/** Paths as the program sees them. */
export interface SandboxPaths {
  readonly app: string;
  readonly home: string;
  /** Where a cache is, if the step has one. */
  readonly cache: string;
}

/** @param filter the file of the call filter; without isolation there is nothing that it would complete */
export const supervisorArgs = (script: string, mode: 'namespace' | 'tree', filter: string): string[] => [
  script,
  process.arch,
  mode,
  NICE,
  filter,
];

/**
 * The server and the supervisors come first when they want the CPU (setpriority(2)). Not by a share of a control group
 * alone: where none can be made, this is all that keeps a program from starving them.
 */
const NICE = '10';

export const sandboxUserOptions = (): { uid?: number; gid?: number } => {
  const uid = sandboxUid();
  return uid === undefined ? {} : { uid, gid: uid };
};

export const baseEnvironment = (home: string): Record<string, string> => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: home,
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
});

/** Where a program without isolation writes: beside its code, as there is no private mount to give it. */
export const unisolatedPaths = (appDir: string, cacheDir: string | undefined): SandboxPaths => ({
  app: appDir,
  home: join(appDir, '..', 'home'),
  cache: cacheDir ?? '',
});

import { join } from 'node:path';

/** The uid of `nobody` on every common system. Programs run as this user when the engine runs as root. */
const NOBODY = 65_534;
export const sandboxUid = (): number | undefined => (process.getuid?.() === 0 ? NOBODY : undefined);

/** The properties that are fixed when a sandbox is created. Paths are those of the host. */
export interface SandboxSpec {
  /** The directory of the code and of the compiled program. */
  readonly appDir: string;
  /** A compilation writes to the app directory; a program reads it and writes to directories of its own. */
  readonly writesApp: boolean;
  /** Toolchains outside the system directories. The sandbox shows them at the same paths. */
  readonly toolchains: readonly string[];
  /** The cache of a compiler: this step can write to it, and later ones find the content. */
  readonly cacheDir: string | undefined;
  /** MiB of all writable directories together. */
  readonly diskMb: number;
  /** Bytes of the longest standard input that a program can get. */
  readonly inputBytes: number;
}

/** How to start the process of a sandbox: the supervisor, with or without isolation around it. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { cwd: string; env: Record<string, string>; uid?: number; gid?: number };
  /** What every program in the sandbox starts with. */
  readonly program: { readonly directory: string; readonly environment: Readonly<Record<string, string>> };
  /** Whether bubblewrap reports the pid of the supervisor on fd 4; if not, the started process is the supervisor. */
  readonly reportsPid: boolean;
  /** An environment variable `NAME=value` that identifies the processes of the run when no pid namespace contains them. */
  readonly mark?: string;
}

/** Paths as the program sees them. */
export interface SandboxPaths {
  readonly app: string;
  readonly home: string;
  /** The compiler's cache; only meaningful for steps that have one. */
  readonly cache: string;
}

/** @param filter path of the seccomp filter; empty without isolation, which the filter could only complement */
export const supervisorArgs = (script: string, mode: 'namespace' | 'tree', filter: string): string[] => [
  script,
  process.arch,
  mode,
  NICE,
  filter,
];

/**
 * Gives the server and the supervisors precedence over programs (setpriority(2)). The CPU weight of a cgroup is not enough,
 * because without cgroups this value alone keeps programs from starving them.
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

/** Without isolation there are no private mounts, so the home directory is beside the code. */
export const unisolatedPaths = (appDir: string, cacheDir: string | undefined): SandboxPaths => ({
  app: appDir,
  home: join(appDir, '..', 'home'),
  cache: cacheDir ?? '',
});

import { execFile } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EngineSettings } from '../../config/settings';
import { limitsFrom } from '../request-limits';
import { bubblewrapLaunch } from './bubblewrap-launch';
import type { EngineFiles } from './engine-files';
import installCommands from './install-commands.json';
import { ProcessTreeController } from './process-tree';
import type { ResourceController } from './resource-controller';
import { SandboxFactory } from './sandbox-factory';
import { unisolatedLaunch } from './unisolated-launch';

export type Isolation =
  | { readonly kind: 'bubblewrap'; readonly sandboxes: SandboxFactory }
  | { readonly kind: 'process'; readonly sandboxes: SandboxFactory; readonly warning: string }
  /** The sandboxes, if there are any, only run trusted commands, which print the versions of the languages. */
  | { readonly kind: 'none'; readonly sandboxes: SandboxFactory | undefined; readonly reason: string };

/** The first bubblewrap with `--size` and `--disable-userns` (its release notes). */
const VERSION_MIN = [0, 8, 0] as const;
const PROBE_LIMITS = {
  wallMs: 10_000,
  cpuMs: 10_000,
  memoryMb: 64,
  processes: 16,
  outputBytes: 4096,
  diskMb: 1,
  openFiles: 1024,
  fileMb: 1,
};

/**
 * Determines by a trial run which isolation works on this machine: `bubblewrap`; `process`, which isolates nothing and must
 * be allowed by the settings; or `none`, which cannot run programs.
 * @param controller used unless sandboxes only work without it
 */
export async function detectIsolation(
  settings: EngineSettings,
  files: () => EngineFiles,
  controller: ResourceController,
): Promise<Isolation> {
  const bubblewrap = await detectBubblewrap(settings, files, controller);
  if (typeof bubblewrap !== 'string') return bubblewrap;
  if (controller.enforcesLimits) {
    // A cgroup that accepts processes of the engine may still reject those of a sandbox. Isolation with less precise
    // figures is better than no isolation.
    const withoutCgroups = await detectBubblewrap(settings, files, new ProcessTreeController());
    if (typeof withoutCgroups !== 'string') {
      await controller.close();
      return withoutCgroups;
    }
  }
  const reason = bubblewrap;
  const perl = findExecutable('perl', settings.searchPath);
  if (perl === undefined) return { kind: 'none', sandboxes: undefined, reason };
  const sandboxes = new SandboxFactory(
    (spec) => unisolatedLaunch({ perl, supervisor: files().supervisor }, spec),
    controller,
  );
  if (!settings.mayRunUnisolated) return { kind: 'none', sandboxes, reason };
  return {
    kind: 'process',
    sandboxes,
    warning: `Programs run WITHOUT ISOLATION and with the permissions of this server: ${reason}`,
  };
}

/** @returns the isolation, or a sentence with the reason why there is none */
async function detectBubblewrap(
  settings: EngineSettings,
  files: () => EngineFiles,
  controller: ResourceController,
): Promise<Isolation | string> {
  const bwrap = findExecutable('bwrap', settings.searchPath);
  if (bwrap === undefined) return withInstallCommand('bubblewrap is not installed');
  if (!existsSync('/usr/bin/perl')) return withInstallCommand('perl is not installed');
  const { stdout } = await promisify(execFile)(bwrap, ['--version']);
  const version = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? '0';
  if (!isSupportedVersion(version)) {
    return withInstallCommand(
      `bubblewrap ${version} is too old; version ${VERSION_MIN.join('.')} or later is required`,
    );
  }
  const sandboxes = new SandboxFactory((spec) => bubblewrapLaunch(bwrap, files(), spec), controller);
  const failure = await probe(sandboxes, settings);
  return failure === undefined
    ? { kind: 'bubblewrap', sandboxes }
    : `bubblewrap does not work on this machine: ${failure}`;
}

/**
 * Runs a command that does nothing.
 * @returns undefined when it works, otherwise the error message, which names what the system does not allow
 */
async function probe(sandboxes: SandboxFactory, settings: EngineSettings): Promise<string | undefined> {
  const appDir = join(settings.workDir, 'probe');
  const limits = limitsFrom(settings, PROBE_LIMITS);
  await mkdir(appDir, { recursive: true });
  const spec = {
    appDir,
    writesApp: false,
    toolchains: [],
    cacheDir: undefined,
    diskMb: limits.diskMb,
    inputBytes: 0,
  };
  const program = { command: ['/usr/bin/true'], environment: {}, limits };
  const input = openSync('/dev/null', 'r');
  try {
    const { exitCode } = await sandboxes.run(spec, program, input, {
      signal: new AbortController().signal,
      onOutput: () => undefined,
    });
    return exitCode === 0 ? undefined : '/usr/bin/true failed in the sandbox';
  } catch (error) {
    return (error as Error).message;
  } finally {
    closeSync(input);
  }
}

function isSupportedVersion(version: string): boolean {
  const parts = version.split('.').map(Number);
  const index = VERSION_MIN.findIndex((minimum, position) => (parts[position] ?? 0) !== minimum);
  return index < 0 || (parts[index] ?? 0) > (VERSION_MIN[index] ?? 0);
}

function findExecutable(name: string, searchPath: readonly string[]): string | undefined {
  return searchPath.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/** Appends the command that installs the missing packages on this system. */
function withInstallCommand(reason: string): string {
  const known = installCommands.find(({ manager }) => existsSync(manager));
  return known
    ? `${reason}. Install it with: sudo ${known.command}`
    : `${reason}. Install the packages bubblewrap and perl with the package manager of your system.`;
}

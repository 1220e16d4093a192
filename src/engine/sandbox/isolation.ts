/** Finds out which isolation this machine gives, by trying it. */
import { execFile } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EngineSettings } from '../../config/settings';
import { limitsFrom } from '../limits';
import type { ResourceController } from './resource-controller';
import { bubblewrapLaunch } from './bubblewrap-launch';
import type { EngineFiles } from './engine-files';
import installCommands from './install-commands.json';
import { ProcessTreeController } from './process-tree';
import { Sandbox } from './sandbox';
import { unisolatedLaunch } from './unisolated-launch';

export type Isolation =
  | { readonly kind: 'bubblewrap'; readonly sandbox: Sandbox }
  | { readonly kind: 'process'; readonly sandbox: Sandbox; readonly warning: string }
  /** Its sandbox, if there is one, runs trusted commands alone: the versions of the languages. */
  | { readonly kind: 'none'; readonly sandbox: Sandbox | undefined; readonly reason: string };

/** `--size` and `--disable-userns` came with 0.8.0 (its release notes). */
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

/** @param accountant the best there is; taken only if sandboxes work with it */
export async function findIsolation(
  settings: EngineSettings,
  files: () => EngineFiles,
  accountant: ResourceController,
): Promise<Isolation> {
  const found = await findBubblewrap(settings, files, accountant);
  if (typeof found !== 'string') return found;
  if (accountant.enforcesLimits) {
    // A group that takes a process of ours may still refuse one of a sandbox: better counted less well than not at all.
    const counted = await findBubblewrap(settings, files, new ProcessTreeController());
    if (typeof counted !== 'string') {
      await accountant.close();
      return counted;
    }
  }
  const reason = found;
  const perl = findExecutable('perl', settings.searchPath);
  if (perl === undefined) return { kind: 'none', sandbox: undefined, reason };
  const sandbox = new Sandbox(
    (spec) => unisolatedLaunch({ perl, supervisor: files().supervisor }, spec),
    accountant,
  );
  if (!settings.mayRunUnisolated) return { kind: 'none', sandbox, reason };
  return { kind: 'process', sandbox, warning: `Programs run WITHOUT ISOLATION, with your rights: ${reason}` };
}

/** The sandbox, or a sentence that says why there is none. */
async function findBubblewrap(
  settings: EngineSettings,
  files: () => EngineFiles,
  accountant: ResourceController,
): Promise<Isolation | string> {
  const bwrap = findExecutable('bwrap', settings.searchPath);
  if (bwrap === undefined) return withInstallCommand('bubblewrap is not installed');
  if (!existsSync('/usr/bin/perl')) return withInstallCommand('perl is not installed');
  const { stdout } = await promisify(execFile)(bwrap, ['--version']);
  const version = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? '0';
  if (!isSupportedVersion(version)) {
    return withInstallCommand(`bubblewrap ${version} is too old, ${VERSION_MIN.join('.')} is needed`);
  }
  const sandbox = new Sandbox((spec) => bubblewrapLaunch(bwrap, files(), spec), accountant);
  const failure = await probe(sandbox, settings);
  return failure === undefined
    ? { kind: 'bubblewrap', sandbox }
    : `bubblewrap does not work here: ${failure}`;
}

/** Runs a command that does nothing; the fault says what this system refuses. */
async function probe(sandbox: Sandbox, settings: EngineSettings): Promise<string | undefined> {
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
    const { exitCode } = await sandbox.run(spec, program, input, {
      signal: new AbortController().signal,
      onOutput: () => undefined,
    });
    return exitCode === 0 ? undefined : 'a command that does nothing failed in it';
  } catch (error) {
    return (error as Error).message;
  } finally {
    closeSync(input);
  }
}

function isSupportedVersion(version: string): boolean {
  const parts = version.split('.').map(Number);
  const index = VERSION_MIN.findIndex((minimum, at) => (parts[at] ?? 0) !== minimum);
  return index < 0 || (parts[index] ?? 0) > (VERSION_MIN[index] ?? 0);
}

function findExecutable(name: string, searchPath: readonly string[]): string | undefined {
  return searchPath.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/** A sentence with the command that helps. */
function withInstallCommand(what: string): string {
  const known = installCommands.find(({ manager }) => existsSync(manager));
  const command = known ? `sudo ${known.command}` : 'your package manager (packages bubblewrap and perl)';
  return `${what}. Install it with: ${command}`;
}

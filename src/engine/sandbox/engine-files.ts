/** The files that every sandbox needs, in a place that its user can reach: the project's folder may not be one. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { seccompFilter } from './seccomp-filter';
import { EngineError } from './engine.error';

export interface EngineFiles {
  /** The directory of them all, which every sandbox shows. */
  readonly directory: string;
  readonly supervisor: string;
  /** What programs read of accounts and hosts, below `etc` of the directory. */
  readonly etc: readonly string[];
}

/** What interpreters load to wait for their code. */
export const PRELOAD_DIR = 'preload';
const PRELOAD_SOURCE_DIR = join(__dirname, '../runtimes', PRELOAD_DIR);
const ETC: Readonly<Record<string, string>> = {
  passwd: 'sandbox:x:1000:1000::/work:/bin/sh\n',
  group: 'sandbox:x:1000:\n',
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
};
export const SUPERVISOR = 'supervisor.pl';
export const SECCOMP_FILTER = 'filter';
/** The user of the sandboxes passes through; nobody else looks around. */
const DIRECTORY_MODE = 0o711;
/** Python looks for its modules by listing a directory. */
const FILES_MODE = 0o755;
const FILE_MODE = 0o644;
const DIGEST_CHARACTERS = 16;

/**
 * Gives the files before each launch, and makes anew what is missing: whoever cleans up /tmp takes them away while the
 * engine runs.
 * @throws EngineError as `install`
 */
export function engineFilesProvider(workDir: string): () => EngineFiles {
  const contents = readContents();
  let directory = install(workDir, contents);
  return () => {
    const isMissing = (name: string): boolean => !existsSync(join(directory, name));
    if (Object.keys(contents).some(isMissing)) directory = install(workDir, contents);
    return { directory, supervisor: join(directory, SUPERVISOR), etc: Object.keys(ETC) };
  };
}

/** By path below the directory. */
function readContents(): Record<string, string> {
  return {
    [SUPERVISOR]: readFileSync(join(__dirname, SUPERVISOR), 'utf8'),
    [SECCOMP_FILTER]: seccompFilter(process.arch),
    ...Object.fromEntries(Object.entries(ETC).map(([name, text]) => [`etc/${name}`, text])),
    ...Object.fromEntries(
      readdirSync(PRELOAD_SOURCE_DIR).map((name) => [
        `${PRELOAD_DIR}/${name}`,
        readFileSync(join(PRELOAD_SOURCE_DIR, name), 'utf8'),
      ]),
    ),
  };
}

/**
 * @throws EngineError when the directory is a link or belongs to somebody else, who could then change what is run from
 * it: its default name in /tmp is known to everybody
 */
function install(workDir: string, contents: Readonly<Record<string, string>>): string {
  // Without a slash at its end, which would follow a link.
  const path = resolve(workDir);
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new EngineError(`ENGINE_WORK_DIR ${workDir} is a link or a file; it must be a directory itself`);
  }
  mkdirSync(path, { recursive: true });
  // Looked at again: only what belongs to this user can nobody else replace in /tmp.
  const made = lstatSync(path);
  if (!made.isDirectory() || made.uid !== process.getuid?.()) {
    throw new EngineError(`ENGINE_WORK_DIR ${workDir} belongs to another user`);
  }
  chmodSync(workDir, DIRECTORY_MODE);
  // Named by their content: engines of several versions may share the working directory.
  const digest = createHash('sha256').update(JSON.stringify(contents)).digest('hex');
  const directory = join(workDir, `sandbox-${digest.slice(0, DIGEST_CHARACTERS)}`);
  for (const [name, text] of Object.entries(contents)) installFile(join(directory, name), text);
  return directory;
}

/** What is there stays untouched: bubblewrap fails on a file that is replaced while a sandbox is being made from it. */
function installFile(path: string, text: string): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true, mode: FILES_MODE });
  const temporary = `${path}.${process.pid.toString()}`;
  writeFileSync(temporary, text, { mode: FILE_MODE });
  renameSync(temporary, path);
}

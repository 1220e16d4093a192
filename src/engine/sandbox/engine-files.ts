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
import { EngineError } from './engine.error';
import { seccompFilter } from './seccomp-filter';

/**
 * The files that every sandbox needs. They are copied to the working directory, because the user of the sandboxes may not
 * have access to the project's directory.
 */
export interface EngineFiles {
  /** Contains all engine files and is visible in every sandbox. */
  readonly directory: string;
  readonly supervisor: string;
  /** Names of the files below `etc` of the directory, which programs see in /etc. */
  readonly etc: readonly string[];
}

/** Subdirectory of the preload hooks. */
export const PRELOAD_DIR = 'preload';
const PRELOAD_SOURCE_DIR = join(__dirname, '../runtimes', PRELOAD_DIR);
const ETC: Readonly<Record<string, string>> = {
  passwd: 'sandbox:x:1000:1000::/work:/bin/sh\n',
  group: 'sandbox:x:1000:\n',
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
};
export const SUPERVISOR = 'supervisor.pl';
export const SECCOMP_FILTER = 'filter';
/** The user of the sandboxes can access known paths in it, but only the engine can list it. */
const DIRECTORY_MODE = 0o711;
/** Listable, because Python finds its modules by listing a directory. */
const FILES_MODE = 0o755;
const FILE_MODE = 0o644;
const DIGEST_CHARACTERS = 16;

/**
 * @returns a function that returns the files. Call it before each launch: it restores missing files, because a cleaner of /tmp
 *   may remove them while the engine runs
 * @throws EngineError when the working directory is not safe
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

/** Contents by path relative to the directory. */
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
 * @throws EngineError when the working directory is a link or belongs to another user, who could replace the files. Its
 *   default path in /tmp is known to all users of the machine
 */
function install(workDir: string, contents: Readonly<Record<string, string>>): string {
  // resolve() removes a trailing slash, with which lstat would follow a link.
  const path = resolve(workDir);
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new EngineError(`ENGINE_WORK_DIR ${workDir} is a link or a file; it must be a directory`);
  }
  mkdirSync(path, { recursive: true });
  // Checked again after mkdir: in /tmp, other users cannot replace a directory that belongs to this user.
  const stat = lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) {
    throw new EngineError(`ENGINE_WORK_DIR ${workDir} belongs to another user`);
  }
  chmodSync(workDir, DIRECTORY_MODE);
  // The name contains a digest of the files, because engines of different versions may share the working directory.
  const digest = createHash('sha256').update(JSON.stringify(contents)).digest('hex');
  const directory = join(workDir, `sandbox-${digest.slice(0, DIGEST_CHARACTERS)}`);
  for (const [name, text] of Object.entries(contents)) installFile(join(directory, name), text);
  return directory;
}

/** Never replaces an existing file, because bubblewrap fails when a file is replaced while it creates a sandbox with it. */
function installFile(path: string, text: string): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true, mode: FILES_MODE });
  const temporary = `${path}.${process.pid.toString()}`;
  writeFileSync(temporary, text, { mode: FILE_MODE });
  renameSync(temporary, path);
}

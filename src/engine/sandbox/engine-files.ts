/** The files that every sandbox needs, in a place that its user can reach: the project's folder may not be one. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { EngineFault } from './engine-fault';

export interface EngineFiles {
  readonly supervisor: string;
  readonly passwd: string;
  readonly group: string;
  readonly hosts: string;
}

/** The user of the sandboxes passes through; nobody else looks around. */
const DIRECTORY_MODE = 0o711;
const FILE_MODE = 0o644;
const DIGEST_CHARACTERS = 16;

/**
 * Gives the files before each launch, and makes anew what is missing: whoever cleans up /tmp takes them away while the
 * engine runs.
 * @throws EngineFault as `installEngineFiles`
 */
export function keptEngineFiles(workDir: string): () => EngineFiles {
  let files = installEngineFiles(workDir);
  return () => {
    if (!Object.values(files).every((path: string) => existsSync(path))) files = installEngineFiles(workDir);
    return files;
  };
}

/**
 * @throws EngineFault when the directory is a link or belongs to somebody else, who could then change what is run from
 * it: its default name in /tmp is known to everybody
 */
function installEngineFiles(workDir: string): EngineFiles {
  // Without a slash at its end, which would follow a link.
  const path = resolve(workDir);
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new EngineFault(`ENGINE_WORK_DIR ${workDir} is a link or a file; it must be a directory itself`);
  }
  mkdirSync(path, { recursive: true });
  // Looked at again: only what belongs to this user can nobody else replace in /tmp.
  const made = lstatSync(path);
  if (!made.isDirectory() || made.uid !== process.getuid?.()) {
    throw new EngineFault(`ENGINE_WORK_DIR ${workDir} belongs to another user`);
  }
  chmodSync(workDir, DIRECTORY_MODE);
  return {
    supervisor: install(workDir, 'supervisor.pl', readFileSync(join(__dirname, 'supervisor.pl'), 'utf8')),
    passwd: install(workDir, 'passwd', 'sandbox:x:1000:1000::/work:/bin/sh\n'),
    group: install(workDir, 'group', 'sandbox:x:1000:\n'),
    hosts: install(workDir, 'hosts', '127.0.0.1 localhost sandbox\n::1 localhost\n'),
  };
}

/**
 * Under a name of its content: engines of several versions may share the directory. What is there stays untouched, as
 * bubblewrap fails on a file that is replaced while a sandbox is being made from it.
 */
function install(workDir: string, name: string, text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, DIGEST_CHARACTERS);
  const path = join(workDir, `${digest}-${name}`);
  if (existsSync(path)) return path;
  const temporary = `${path}.${process.pid.toString()}`;
  writeFileSync(temporary, text, { mode: FILE_MODE });
  renameSync(temporary, path);
  return path;
}

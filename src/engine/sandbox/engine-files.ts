/** The files that every sandbox needs, in a place that its user can reach: the project's folder may not be one. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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

/** @throws Error when the directory belongs to somebody else, who could then change what is run from it */
export function installEngineFiles(workDir: string): EngineFiles {
  mkdirSync(workDir, { recursive: true });
  if (statSync(workDir).uid !== process.getuid?.()) {
    throw new Error(`ENGINE_WORK_DIR ${workDir} belongs to another user`);
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

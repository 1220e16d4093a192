/** The files that every sandbox needs, in a place that its user can reach: the project's folder may not be one. */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface EngineFiles {
  readonly supervisor: string;
  readonly passwd: string;
  readonly group: string;
  readonly hosts: string;
}

/** Files that a sandboxed user may read; the directory is not to be listed by others. */
const DIRECTORY_MODE = 0o711;

export function installEngineFiles(workDir: string): EngineFiles {
  mkdirSync(workDir, { recursive: true });
  chmodSync(workDir, DIRECTORY_MODE);
  const write = (name: string, text: string): string => {
    const path = join(workDir, name);
    writeFileSync(path, text, { mode: 0o644 });
    return path;
  };
  const supervisor = join(workDir, 'supervisor.pl');
  copyFileSync(join(__dirname, 'supervisor.pl'), supervisor);
  chmodSync(supervisor, 0o644);
  return {
    supervisor,
    passwd: write('passwd', 'sandbox:x:1000:1000::/work:/bin/sh\n'),
    group: write('group', 'sandbox:x:1000:\n'),
    hosts: write('hosts', '127.0.0.1 localhost sandbox\n::1 localhost\n'),
  };
}

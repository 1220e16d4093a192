/** Running without isolation, for a developer whose machine has no bubblewrap: limits and clean ends, nothing more. */
import { randomUUID } from 'node:crypto';
import {
  type Launch,
  type SandboxSpec,
  asSandboxUser,
  baseEnvironment,
  processPaths,
  supervisorArgs,
} from './launch';

const MARK = 'SERVICE_SERVER_RUN';

export function unisolatedLaunch(files: { perl: string; supervisor: string }, spec: SandboxSpec): Launch {
  const { app, home } = processPaths(spec.appDir, spec.cacheDir);
  const run = randomUUID();
  const directory = spec.writesApp ? app : home;
  const environment = { ...baseEnvironment(home), [MARK]: run };
  return {
    file: files.perl,
    args: supervisorArgs(files.supervisor, 'tree', ''),
    options: { cwd: directory, env: environment, ...asSandboxUser() },
    program: { directory, environment },
    announcesPid: false,
    mark: `${MARK}=${run}`,
  };
}

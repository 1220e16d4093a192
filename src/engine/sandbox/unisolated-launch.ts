/** Running without isolation, for a developer whose machine has no bubblewrap: limits and clean ends, nothing more. */
import { randomUUID } from 'node:crypto';
import {
  type Launch,
  type SandboxSpec,
  sandboxUserOptions,
  baseEnvironment,
  unisolatedPaths,
  supervisorArgs,
} from './launch';

const MARK_VARIABLE = 'SERVICE_SERVER_RUN';

export function unisolatedLaunch(files: { perl: string; supervisor: string }, spec: SandboxSpec): Launch {
  const { app, home } = unisolatedPaths(spec.appDir, spec.cacheDir);
  const run = randomUUID();
  const directory = spec.writesApp ? app : home;
  const environment = { ...baseEnvironment(home), [MARK_VARIABLE]: run };
  return {
    file: files.perl,
    args: supervisorArgs(files.supervisor, 'tree', ''),
    options: { cwd: directory, env: environment, ...sandboxUserOptions() },
    program: { directory, environment },
    reportsPid: false,
    mark: `${MARK_VARIABLE}=${run}`,
  };
}

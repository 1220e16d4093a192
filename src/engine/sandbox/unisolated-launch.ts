import { randomUUID } from 'node:crypto';
import {
  type Launch,
  type SandboxSpec,
  baseEnvironment,
  sandboxUserOptions,
  supervisorArgs,
  unisolatedPaths,
} from './launch';

const MARK_VARIABLE = 'SERVICE_SERVER_RUN';

/**
 * Runs a program without isolation, for developers whose machine has no bubblewrap. The supervisor still enforces limits
 * and kills all processes at the end.
 */
export function unisolatedLaunch(files: { perl: string; supervisor: string }, spec: SandboxSpec): Launch {
  const { app, home } = unisolatedPaths(spec.appDir, spec.cacheDir);
  const runId = randomUUID();
  const directory = spec.writesApp ? app : home;
  const environment = { ...baseEnvironment(home), [MARK_VARIABLE]: runId };
  return {
    file: files.perl,
    args: supervisorArgs(files.supervisor, 'tree', ''),
    options: { cwd: directory, env: environment, ...sandboxUserOptions() },
    program: { directory, environment },
    reportsPid: false,
    mark: `${MARK_VARIABLE}=${runId}`,
  };
}

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
import { rlimitsOf } from './limits';

const MARK = 'SERVICE_SERVER_RUN';

export function unisolatedLaunch(files: { perl: string; supervisor: string }, spec: SandboxSpec): Launch {
  const { app, home } = processPaths(spec.appDir, spec.cacheDir);
  const run = randomUUID();
  return {
    file: files.perl,
    args: [...supervisorArgs(files.supervisor, 'tree', rlimitsOf(spec.limits)), ...spec.command],
    options: {
      cwd: spec.writesApp ? app : home,
      env: { ...baseEnvironment(home), ...spec.environment, [MARK]: run },
      ...asSandboxUser(),
    },
    announcesPid: false,
    mark: `${MARK}=${run}`,
  };
}

import { existsSync, readFileSync } from 'node:fs';
import type { JobBody } from '../support/api';
import { listProcesses, listDescendants } from '../support/processes';
import { type ServerProcess, startServer } from '../support/server-process';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { waitFor, runLoad } from './soak-load';
import { findResourceGroups, runsDirectory } from './service-footprint';

/** More than can be executed before the kill. */
const RUNS = 1000;
const RESPONSES_BEFORE_KILL = 25;
const TIMEOUT = 120_000;

const mounts = (): string => readFileSync('/proc/self/mountinfo', 'utf8');

describe('SIGKILL of the service under load', () => {
  it(
    'ends every sandboxed process, and the next service removes its cgroups, directories and running jobs',
    async () => {
      const environment = { DATA_DIR: createTemporaryDirectory(), ENGINE_SLOTS: '2' };
      const mountsBefore = mounts();
      const first = await startServer(environment);
      const groups = findResourceGroups(first.pid);
      const runs = runsDirectory(first.pid);
      const working = runLoad(first.api, 0, RUNS).catch((error: unknown) => error);
      await waitForFinishedJobs(first, RESPONSES_BEFORE_KILL);
      // Wait until programs of several runs exist, each in its sandbox.
      const tree = await waitFor(
        () => new Set(listDescendants(first.pid).map(({ key }) => key)),
        (seen) => seen.size > 5,
      );
      await first.stop('SIGKILL');
      await working;
      await waitFor(
        () => listProcesses().filter(({ key }) => tree.has(key)),
        (alive) => alive.length === 0,
      );

      const second = await startServer(environment);
      expect([...groups, runs].filter((path) => existsSync(path))).toEqual([]);
      expect(mounts()).toBe(mountsBefore);
      const { body } = await second.api.get<{ jobs: JobBody[] }>('/api/jobs?limit=1000');
      expect(body.jobs.length).toBeGreaterThan(RESPONSES_BEFORE_KILL);
      expect(body.jobs.filter(({ status }) => status === 'RUNNING' || status === 'QUEUED')).toEqual([]);
      expect(await runLoad(second.api, 0, RESPONSES_BEFORE_KILL)).toMatchObject({ errors: [] });
      const own = [...findResourceGroups(second.pid), runsDirectory(second.pid)];
      await second.stop('SIGTERM');
      expect(own.filter((path) => existsSync(path))).toEqual([]);
    },
    TIMEOUT,
  );
});

async function waitForFinishedJobs({ api }: ServerProcess, count: number): Promise<void> {
  for (;;) {
    const { body } = await api.get<{ jobs: JobBody[] }>(`/api/jobs?limit=${(2 * count).toString()}`);
    if (body.jobs.filter(({ verdict }) => verdict !== null).length >= count) return;
  }
}

/** kill -9 of the service in the middle of all kinds of runs: no process lives on, and the next one clears away the rest. */
import { existsSync, readFileSync } from 'node:fs';
import type { JobBody } from '../support/api';
import { listProcesses, listDescendants } from '../support/processes';
import { type ServerProcess, startServer } from '../support/server-process';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { waitFor, runLoad } from './soak-load';
import { findResourceGroups, runsDirectory } from './service-footprint';

/** More than will be executed before the kill. */
const RUNS = 1000;
const ANSWERS_BEFORE_KILL = 25;
const TIMEOUT = 120_000;

const mounts = (): string => readFileSync('/proc/self/mountinfo', 'utf8');

describe('kill -9 of the service under load', () => {
  it(
    'ends every process of a sandbox, and the next service leaves no group, directory or job of the dead one',
    async () => {
      const environment = { DATA_DIR: createTemporaryDirectory(), ENGINE_SLOTS: '2' };
      const mountsBefore = mounts();
      const first = await startServer(environment);
      const groups = findResourceGroups(first.pid);
      const runs = runsDirectory(first.pid);
      const working = runLoad(first.api, 0, RUNS).catch((error: unknown) => error);
      await untilEnded(first, ANSWERS_BEFORE_KILL);
      // Seen again and again until there are programs of several runs, each in its sandbox.
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
      expect(body.jobs.length).toBeGreaterThan(ANSWERS_BEFORE_KILL);
      expect(body.jobs.filter(({ status }) => status === 'RUNNING' || status === 'QUEUED')).toEqual([]);
      expect(await runLoad(second.api, 0, ANSWERS_BEFORE_KILL)).toMatchObject({ errors: [] });
      const own = [...findResourceGroups(second.pid), runsDirectory(second.pid)];
      await second.stop('SIGTERM');
      expect(own.filter((path) => existsSync(path))).toEqual([]);
    },
    TIMEOUT,
  );
});

async function untilEnded({ api }: ServerProcess, count: number): Promise<void> {
  for (;;) {
    const { body } = await api.get<{ jobs: JobBody[] }>(`/api/jobs?limit=${(2 * count).toString()}`);
    if (body.jobs.filter(({ verdict }) => verdict !== null).length >= count) return;
  }
}

/** Thousands of runs on one service, of programs that behave and of programs that do not: nothing of them stays. */
import type { JobBody } from '../support/api';
import { type ServerProcess, startServer } from '../support/server-process';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { type LoadResult, waitFor, runLoad } from './soak-load';
import { type Memory, REPORT_MEMORY_SETTINGS, measureMemory } from './service-memory';
import { isFillingCaches } from '../support/run-processes';
import { measureFootprint, findResourceGroups, countFootprint } from './service-footprint';

const RUNS = Number(process.env['SOAK_RUNS'] ?? 2000);
/** What the service makes once, as caches and pools, is made by then. */
const WARM_UP_RUNS = 120;
/** ms, on a machine that is much slower than it should be. */
const TIMEOUT = (RUNS + WARM_UP_RUNS) * 1000;
const FINAL = ['SUCCESS', 'FAILED', 'TIMEOUT', 'CANCELLED'];
/** Bytes of live objects by which a collected heap varies; a thousand runs that each leave 2 KiB would grow it by as much. */
const HEAP_NOISE = 2 * 1024 * 1024;
/** Bytes by which a resident size varies without a leak: what the allocator keeps. */
const RESIDENT_NOISE = 16 * 1024 * 1024;

describe(`after ${RUNS.toString()} runs`, () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({
      DATA_DIR: createTemporaryDirectory(),
      ENGINE_SLOTS: '2',
      LOG_LEVEL: 'info',
      ...REPORT_MEMORY_SETTINGS,
    });
    await waitFor(
      () => isFillingCaches(server.pid),
      (fills) => !fills,
      TIMEOUT,
    );
  }, TIMEOUT);
  afterAll(() => server.stop('SIGTERM'));

  it(
    'every job is as it has to be, and the service holds what it held before',
    async () => {
      const loads: LoadResult[] = [await runLoad(server.api, 0, WARM_UP_RUNS)];
      const groups = findResourceGroups(server.pid);
      const before = await measureFootprint(server, groups);
      const memory: Memory[] = [await measureMemory(server)];
      for (const [from, to] of [
        [0, RUNS / 2],
        [RUNS / 2, RUNS],
      ] as const) {
        loads.push(await runLoad(server.api, from, to));
        await measureFootprint(server, groups);
        memory.push(await measureMemory(server));
      }
      expect(loads.flatMap(({ errors }) => errors)).toEqual([]);
      const jobs = await jobsOf(server);
      expect(new Set(jobs.map(({ job_id }) => job_id))).toEqual(
        new Set(loads.flatMap(({ jobIds }) => jobIds)),
      );
      expect(jobs.filter(({ status }) => !FINAL.includes(status))).toEqual([]);

      await waitFor(
        () => countFootprint(server.pid),
        (after) => after.descriptors <= before.descriptors,
      );
      const after = await measureFootprint(server, groups);
      console.info(JSON.stringify({ jobs: jobs.length, groups: groups.length, before, after, memory }));
      expect(after).toMatchObject({ mounts: before.mounts, hostMounts: before.hostMounts });
      const [first, second] = growths(memory);
      expect(second.heapUsed).toBeLessThan(HEAP_NOISE);
      // A leak would grow both halves alike.
      expect(second.rss).toBeLessThan(Math.max(first.rss, 0) / 2 + RESIDENT_NOISE);
    },
    TIMEOUT,
  );
});

/** From each sample to the next. */
function growths([start, half, end]: readonly Memory[]): [Memory, Memory] {
  if (!start || !half || !end) throw new Error('Three samples are needed');
  const grown = (from: Memory, to: Memory): Memory => ({
    heapUsed: to.heapUsed - from.heapUsed,
    rss: to.rss - from.rss,
  });
  return [grown(start, half), grown(half, end)];
}

async function jobsOf({ api }: ServerProcess): Promise<JobBody[]> {
  const jobs: JobBody[] = [];
  for (let cursor = ''; ;) {
    const { body } = await api.get<{ jobs: JobBody[]; next_cursor: string | null }>(
      `/api/jobs?limit=1000${cursor}`,
    );
    jobs.push(...body.jobs);
    if (body.next_cursor === null) return jobs;
    cursor = `&cursor=${body.next_cursor}`;
  }
}

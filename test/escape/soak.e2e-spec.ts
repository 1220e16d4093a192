import type { JobBody } from '../support/api';
import { type ServerProcess, startServer } from '../support/server-process';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { type LoadResult, waitFor, runLoad } from './soak-load';
import { type Memory, REPORT_MEMORY_SETTINGS, measureMemory } from './service-memory';
import { isFillingCaches } from '../support/run-processes';
import { measureFootprint, findResourceGroups, countFootprint } from './service-footprint';

const RUNS = Number(process.env['SOAK_RUNS'] ?? 2000);
/** By then the service has filled its caches and pools. */
const WARM_UP_RUNS = 120;
/** Timeout in ms, also for a very slow machine. */
const TIMEOUT_MS = (RUNS + WARM_UP_RUNS) * 1000;
const FINAL_STATUSES = ['SUCCESS', 'FAILED', 'TIMEOUT', 'CANCELLED'];
/** Bytes by which the heap varies after a garbage collection: as much as a leak of 2 KiB in each of a thousand runs. */
const HEAP_NOISE_BYTES = 2 * 1024 * 1024;
/** Bytes by which the resident size varies without a leak, because of the allocator. */
const RESIDENT_NOISE_BYTES = 16 * 1024 * 1024;

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
      TIMEOUT_MS,
    );
  }, TIMEOUT_MS);
  afterAll(() => server.stop('SIGTERM'));

  it(
    'every job has the expected result, and the service uses the same resources as before',
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
      expect(jobs.filter(({ status }) => !FINAL_STATUSES.includes(status))).toEqual([]);

      await waitFor(
        () => countFootprint(server.pid),
        (after) => after.descriptors <= before.descriptors,
      );
      const after = await measureFootprint(server, groups);
      expect(after).toMatchObject({ mounts: before.mounts, hostMounts: before.hostMounts });
      const [first, second] = memoryGrowth(memory);
      expect(second.heapUsed).toBeLessThan(HEAP_NOISE_BYTES);
      // A leak would grow by the same amount in both halves.
      expect(second.rss).toBeLessThan(Math.max(first.rss, 0) / 2 + RESIDENT_NOISE_BYTES);
    },
    TIMEOUT_MS,
  );
});

/** @returns the growth of memory in the first and in the second half of the runs */
function memoryGrowth([start, half, end]: readonly Memory[]): [Memory, Memory] {
  if (!start || !half || !end) throw new Error('Three samples are needed');
  const difference = (from: Memory, to: Memory): Memory => ({
    heapUsed: to.heapUsed - from.heapUsed,
    rss: to.rss - from.rss,
  });
  return [difference(start, half), difference(half, end)];
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

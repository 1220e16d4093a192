import type { Api, JobBody } from './api';
import { findLeftovers, createMarker } from './leftovers';
import { ENDLESS_LOOP, FORK_BOMB, type Programs } from './misbehaving-programs';
import { pollHealthDuring } from './poll-health';

/** More than there are slots, so that some executions always wait in the queue. */
const CLIENTS = 6;
const TIMEOUT_MS = 700;

const ENDLESS_OUTPUT: Programs = [
  ['python', 'while True: print("x" * 9999)'],
  ['bash', 'yes MARKER'],
  ['c', '#include <stdio.h>\nint main(void) { for (;;) puts("a line of output that never ends"); }'],
];
const PROGRAMS = [...ENDLESS_LOOP, ...FORK_BOMB, ...ENDLESS_OUTPUT];
/** Each program runs three times. */
const RUNS = 3 * PROGRAMS.length;
/** Which limit ends a fork bomb depends on the number of processes it may have, and on how their memory is counted. */
const LIMITS = ['TIME_LIMIT', 'OUTPUT_LIMIT', 'MEMORY_LIMIT'];

/**
 * Runs misbehaving programs from several clients at once, and expects that every health request meanwhile succeeds, that each
 * program reaches a limit, that no process is left, and that the service runs the next program.
 */
export async function expectHealthyWhileProgramsMisbehave(api: Api): Promise<void> {
  const marker = createMarker();
  // A client takes a job from the list and puts it back afterwards, so that no two execute the same job at once.
  const idleJobs = await Promise.all(
    PROGRAMS.map(([language, code]) => api.upload(language, code.replaceAll('MARKER', marker))),
  );
  let started = 0;
  const finished: JobBody[] = [];
  const client = async (): Promise<void> => {
    while (started < RUNS) {
      started += 1;
      const jobId = idleJobs.shift() ?? '';
      finished.push(await api.execute(jobId, { timeout: TIMEOUT_MS }));
      idleJobs.push(jobId);
    }
  };
  const load = Promise.all(Array.from({ length: CLIENTS }, client));
  const statuses = await pollHealthDuring(api, load);
  await load;

  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(finished).toHaveLength(RUNS);
  for (const { verdict } of finished) expect(LIMITS).toContain(verdict);
  expect(findLeftovers(marker)).toEqual([]);
  expect(await api.run('bash', 'echo hello')).toMatchObject({ verdict: 'OK', stdout: 'hello\n' });
}

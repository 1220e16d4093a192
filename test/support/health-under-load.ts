/** Programs that do their worst, all at once, and what health says meanwhile. */
import type { Api, JobBody } from './api';
import { leftOver, newMarker } from './left-over';
import { type Latencies, measureLatency } from './poll-health';
import { ENDLESS_LOOP, FORK_BOMB, type Programs } from './misbehaving-programs';

const REQUESTS = 500;
/** More than there are slots, so that some always wait. */
const CLIENTS = 6;

const ENDLESS_OUTPUT: Programs = [
  ['python', 'while True: print("x" * 9999)'],
  ['bash', 'yes MARKER'],
  ['c', '#include <stdio.h>\nint main(void) { for (;;) puts("a line of output that never ends"); }'],
];
/** Which one ends a fork bomb depends on how many processes it may have, and on how their memory is counted. */
const LIMITS = ['TIME_LIMIT', 'OUTPUT_LIMIT', 'MEMORY_LIMIT'];
const NASTY = [...ENDLESS_LOOP, ...FORK_BOMB, ...ENDLESS_OUTPUT];

/** Measures health while they run, and proves that each reached a limit and that the service is in order afterwards. */
export async function healthWhileNasty(api: Api): Promise<Latencies> {
  const marker = newMarker();
  const ids = await Promise.all(
    NASTY.map(([language, code]) => api.upload(language, code.replaceAll('MARKER', marker))),
  );
  const ended: JobBody[] = [];
  let measured = false;
  const client = async (): Promise<void> => {
    while (!measured) {
      const id = ids.shift() ?? '';
      ended.push(await api.execute(id, { timeout: 700 }));
      ids.push(id);
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  const latencies = await measureLatency(`${api.url}/api/health/live`, REQUESTS);
  measured = true;
  await Promise.all(clients);
  console.info(JSON.stringify({ ...latencies, executions: ended.length }));

  for (const { verdict } of ended) expect(LIMITS).toContain(verdict);
  expect(leftOver(marker)).toEqual([]);
  expect(await api.run('bash', 'echo hello')).toMatchObject({ verdict: 'OK', stdout: 'hello\n' });
  return latencies;
}

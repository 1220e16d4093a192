/** The service answers others while programs do their worst, and is in order afterwards. */
import type { JobBody } from './support/api';
import { bothWays } from './support/both-ways';
import { leftOver, newMarker } from './support/left-over';
import { measureLatency } from './support/poller';
import { ENDLESS_LOOP, FORK_BOMB, type Programs } from './support/programs';

const REQUESTS = 500;
const P99_MS = 100;
/** More than there are slots, so that some always wait. */
const CLIENTS = 6;

const ENDLESS_OUTPUT: Programs = [
  ['python', 'while True: print("x" * 9999)'],
  ['bash', 'yes MARKER'],
  ['c', '#include <stdio.h>\nint main(void) { for (;;) puts("a line of output that never ends"); }'],
];
const NASTY = [...ENDLESS_LOOP, ...FORK_BOMB, ...ENDLESS_OUTPUT];

bothWays({}, (gateway) => {
  it('health is answered within 100 ms at the 99th percentile while nasty programs run', async () => {
    const { api } = gateway();
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

    expect(latencies.failures).toBe(0);
    expect(latencies.p99).toBeLessThan(P99_MS);
    for (const { verdict } of ended) expect(['TIME_LIMIT', 'OUTPUT_LIMIT']).toContain(verdict);
    expect(leftOver(marker)).toEqual([]);
    expect(await api.run('bash', 'echo hello')).toMatchObject({ verdict: 'OK', stdout: 'hello\n' });
  });

  // What decides about the name of a file must not take long over code that is made to take long.
  it.each([
    ['comments that do not end', '/*a'],
    ['quotes that do not end', '\\"'],
    ['empty lines', '\n'],
    ['words before a main', 'static '],
  ])('%s in a mebibyte of Java do not hold up others', async (_what, unit) => {
    const { api } = gateway();
    const code = `class A { ${unit.repeat(1_000_000 / unit.length)}`;
    const execution = api.run('java', code);
    // One that takes its square takes minutes, in which nobody is answered: the time limit of the test is enough.
    const { failures } = await measureLatency(`${api.url}/api/health/live`, 100);
    expect(failures).toBe(0);
    expect(await execution).toMatchObject({ status: 'FAILED', verdict: 'COMPILE_ERROR' });
  });
});

import type { ServerProcess } from '../support/server-process';
import { waitFor } from './soak-load';

export interface Memory {
  /** Bytes of live objects. */
  readonly heapUsed: number;
  /** Bytes. */
  readonly rss: number;
}

const REPORT_PREFIX = 'memory-of-the-service ';
const REPORT_MEMORY = `data:text/javascript,${encodeURIComponent(`
  import { setFlagsFromString } from 'node:v8';
  import { runInNewContext } from 'node:vm';
  import { isMainThread } from 'node:worker_threads';
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  if (isMainThread) process.on('SIGUSR2', () => {
    collect();
    setImmediate(() => {
      collect();
      console.log(${JSON.stringify(REPORT_PREFIX)} + JSON.stringify(process.memoryUsage()));
    });
  });
`)}`;

/** Environment of a service whose memory can be measured. */
export const REPORT_MEMORY_SETTINGS = { NODE_OPTIONS: `--import=${REPORT_MEMORY}` };

/** Makes the service collect its garbage and print its memory usage, with SIGUSR2. @returns the memory afterwards */
export async function measureMemory(server: ServerProcess): Promise<Memory> {
  const from = server.lines.length;
  process.kill(server.pid, 'SIGUSR2');
  const findReport = (): string | undefined =>
    server.lines.slice(from).find((line) => line.startsWith(REPORT_PREFIX));
  const line = await waitFor(findReport, (seen) => seen !== undefined);
  return JSON.parse(line?.slice(REPORT_PREFIX.length) ?? '') as Memory;
}

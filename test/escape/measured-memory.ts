/** The memory of a service after a collection of its garbage: asked for by a signal, told on its standard output. */
import type { ServerProcess } from '../support/server-process';
import { awaited } from './load';

export interface Memory {
  /** Bytes of live objects. */
  readonly heapUsed: number;
  /** Bytes. */
  readonly rss: number;
}

const WORD = 'memory-of-the-service ';
const TELLS_MEMORY = `data:text/javascript,${encodeURIComponent(`
  import { setFlagsFromString } from 'node:v8';
  import { runInNewContext } from 'node:vm';
  import { isMainThread } from 'node:worker_threads';
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  if (isMainThread) process.on('SIGUSR2', () => {
    collect();
    setImmediate(() => {
      collect();
      console.log(${JSON.stringify(WORD)} + JSON.stringify(process.memoryUsage()));
    });
  });
`)}`;

/** The setting with which a server tells. */
export const TELLING = { NODE_OPTIONS: `--import=${TELLS_MEMORY}` };

export async function memoryOf(server: ServerProcess): Promise<Memory> {
  const from = server.lines.length;
  process.kill(server.pid, 'SIGUSR2');
  const told = (): string | undefined => server.lines.slice(from).find((line) => line.startsWith(WORD));
  const line = await awaited(told, (seen) => seen !== undefined);
  return JSON.parse(line?.slice(WORD.length) ?? '') as Memory;
}

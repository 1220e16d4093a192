/** A DynamoDB Local of a test's own: one that has the tables of many tests takes minutes to fill an index. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SERVERS = join(__dirname, '../../scripts/aws-servers.mjs');
const LISTENS = /^DynamoDB listens on (\S+)$/;

export async function startOwnDynamo(): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [SERVERS], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = LISTENS.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => {
      reject(new Error('The servers ended before they listened'));
    });
  });
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  return { url, stop };
}

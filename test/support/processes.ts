/** The processes of this machine, from /proc. */
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface Process {
  readonly pid: number;
  /** What no later process with this pid has. */
  readonly key: string;
  readonly parent: number;
  readonly state: string;
  /** Only its name, of a process that the kernel is taking down: it has no memory any more where they would be. */
  readonly arguments: string;
  /** Its name, arguments and environment. */
  readonly text: string;
}

const RECHECK_MS = 10;

/** Those that have ended and wait to be reaped can do nothing any more. */
export function listProcesses(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readProcess)
    .filter(({ state }) => state !== 'Z' && state !== 'X');
}

/** Every descendant of a process. */
export function listDescendants(root: number): Process[] {
  const all = listProcesses();
  const below = (parent: number): Process[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(root);
}

/** Of any parent. */
export const findProcesses = (marker: string): number[] =>
  listProcesses()
    .filter((each) => each.pid !== process.pid && each.arguments.includes(marker))
    .map(({ pid }) => pid);

/** Waits for the kernel to take away those that have been killed; the test's time limit bounds it. */
export async function waitUntilNoProcess(marker: string): Promise<void> {
  while (findProcesses(marker).length > 0) await delay(RECHECK_MS);
}

function readProcess(name: string): Process[] {
  const read = (file: string): string => {
    try {
      return readFileSync(`/proc/${name}/${file}`, 'latin1').replaceAll('\0', ' ');
    } catch {
      return ''; // it has ended meanwhile, or is another user's
    }
  };
  const [stat, comm] = [read('stat'), read('comm').trim()];
  if (stat === '' || comm === '') return [];
  // proc(5): after the name in parentheses come the state, the parent, and 18 fields later the time of its start.
  const [state = '', parent, ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const words = read('cmdline') || comm;
  return [
    {
      ...{
        key: `${name}-${more[17] ?? ''}`,
        pid: Number(name),
        parent: Number(parent),
        state,
        arguments: words,
      },
      text: [comm, words, read('environ')].join(' '),
    },
  ];
}

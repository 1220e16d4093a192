import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface Process {
  readonly pid: number;
  /** Differs from that of every later process with the same pid. */
  readonly key: string;
  readonly parent: number;
  readonly state: string;
  /** Only the name for a process that is exiting, whose memory with the arguments has been freed. */
  readonly arguments: string;
  /** Name, arguments and environment. */
  readonly text: string;
}

const RECHECK_MS = 10;

/** All processes of this machine except those that have exited and are not reaped yet. */
export function listProcesses(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readProcess)
    .filter(({ state }) => state !== 'Z' && state !== 'X');
}

/** All descendants of a process. */
export function listDescendants(root: number): Process[] {
  const all = listProcesses();
  const below = (parent: number): Process[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(root);
}

/** Pids of all processes with the marker in their arguments, regardless of their parent. */
export const findProcesses = (marker: string): number[] =>
  listProcesses()
    .filter((each) => each.pid !== process.pid && each.arguments.includes(marker))
    .map(({ pid }) => pid);

/** Waits until killed processes have exited. Only the time limit of the test bounds it. */
export async function waitUntilNoProcess(marker: string): Promise<void> {
  while (findProcesses(marker).length > 0) await delay(RECHECK_MS);
}

function readProcess(name: string): Process[] {
  const read = (file: string): string => {
    try {
      return readFileSync(`/proc/${name}/${file}`, 'latin1').replaceAll('\0', ' ');
    } catch {
      return ''; // the process has exited or belongs to another user
    }
  };
  const [stat, comm] = [read('stat'), read('comm').trim()];
  if (stat === '' || comm === '') return [];
  // proc(5): after the name in parentheses follow the state, the parent, and 18 fields later the start time.
  const [state = '', parent, ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const args = read('cmdline') || comm;
  return [
    {
      key: `${name}-${more[17] ?? ''}`,
      pid: Number(name),
      parent: Number(parent),
      state,
      arguments: args,
      text: [comm, args, read('environ')].join(' '),
    },
  ];
}

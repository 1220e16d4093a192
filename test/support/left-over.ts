/** What executions leave behind: children of this process, and processes of any parent that carry a marker. */
import { randomInt } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import type { Api, JobBody } from './api';

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Its name, arguments and environment. */
  readonly text: string;
}

/**
 * What is no execution of a job: the engine fills caches of compilers and builds hooks of interpreters, and when jest runs one file alone,
 * the servers of jest.aws.config.js are children of the same process.
 */
const OTHERS = ['/caches/', '/built/', '/test/aws/servers/'];

/** A number of seconds for `sleep`, or anything else that is seen in /proc: longer than any test, and unique. */
export const newMarker = (): string =>
  `${randomInt(100_000, 999_999).toString()}.${randomInt(1e8, 1e9).toString()}`;

/**
 * To be empty when the answer has come, not some time after it. Sandboxes that wait for a run, or are being made for one,
 * are nothing left of another, nor is one whose program is gone while the kernel takes it down: their first process says
 * so in its title (supervisor.pl). One that carries the marker is left over in any case.
 */
export function leftOver(marker: string): string[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(processOf);
  const isOther = ({ text }: Process): boolean => OTHERS.some((other) => text.includes(other));
  const tree = descendantsOf(process.pid, all, (each) => !isOther(each));
  const excused = new Set<number>();
  for (const each of all) {
    if (!tree.has(each.pid) || !SANDBOX.test(each.text)) continue;
    excused.add(each.pid);
    if (!WAITS.test(each.text)) continue;
    for (const pid of descendantsOf(each.pid, all, () => true)) excused.add(pid);
  }
  return all
    .filter(
      ({ pid, text }) =>
        pid !== process.pid && ((tree.has(pid) && !excused.has(pid)) || text.includes(marker)),
    )
    .map(({ pid, text }) => `${pid.toString()} ${text.slice(0, TEXT_MAX)}`);
}

const TEXT_MAX = 500;
/** bubblewrap and a supervisor with nothing to do, by the name and the arguments of their processes. */
const SANDBOX = /^(bwrap|(\S+ )?sandbox (idle|over)|\S+ \S*perl \S*supervisor\.pl )/;
/** Whose processes wait, too. */
const WAITS = /^(\S+ )?sandbox idle/;

function descendantsOf(
  root: number,
  all: readonly Process[],
  counts: (each: Process) => boolean,
): Set<number> {
  const found = new Set([root]);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const each of all) if (found.has(each.parent) && counts(each)) found.add(each.pid);
  }
  return found;
}

/** Uploads and executes a program that may contain the word MARKER, and proves that no process is left. */
export async function runClean(
  api: Api,
  language: string,
  code: string,
  body: object = {},
): Promise<JobBody> {
  const marker = newMarker();
  const job = await api.run(language, code.replaceAll('MARKER', marker), body);
  expect(leftOver(marker)).toEqual([]);
  return job;
}

function processOf(name: string): Process[] {
  const read = (file: string): string => readFileSync(`/proc/${name}/${file}`, 'latin1');
  try {
    const stat = read('stat');
    // proc(5): the parent is the second field after the name in parentheses.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const text = [read('comm').trim(), read('cmdline'), readable(() => read('environ'))].join(' ');
    return [{ pid: Number(name), parent, text: text.replaceAll('\0', ' ') }];
  } catch {
    return []; // it has ended meanwhile
  }
}

function readable(read: () => string): string {
  try {
    return read();
  } catch {
    return ''; // of another user
  }
}

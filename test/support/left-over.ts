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
 * What is no execution of a job: the engine fills caches of compilers in the background, and when jest runs one file alone,
 * the servers of jest.aws.config.js are children of the same process.
 */
const OTHERS = ['/caches/', '/test/aws/servers/'];

/** A number of seconds for `sleep`, or anything else that is seen in /proc: longer than any test, and unique. */
export const newMarker = (): string =>
  `${randomInt(100_000, 999_999).toString()}.${randomInt(1e8, 1e9).toString()}`;

/** To be empty when the answer has come, not some time after it. */
export function leftOver(marker: string): string[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(processOf);
  const tree = new Set([process.pid]);
  const isOther = ({ text }: Process): boolean => OTHERS.some((other) => text.includes(other));
  for (let size = 0; size < tree.size;) {
    size = tree.size;
    for (const each of all) if (tree.has(each.parent) && !isOther(each)) tree.add(each.pid);
  }
  return all
    .filter(({ pid, text }) => pid !== process.pid && (tree.has(pid) || text.includes(marker)))
    .map(({ pid, text }) => `${pid.toString()} ${text}`);
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

/**
 * What is left of runs, from /proc: processes below the service, and processes of any parent that carry a marker. The
 * first process in a sandbox says in its title whether it is idle, busy or over.
 */
import { readFileSync, readdirSync } from 'node:fs';

interface Process {
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

/** The engine fills caches of compilers and builds hooks of interpreters in the background; that is no execution of a job. */
const FILLS_CACHES = ['/caches/', '/built/'];
const TITLE = /^sandbox (idle|busy|over)\b/;
/** What makes a sandbox, as far as it has no title yet. */
const MAKES_SANDBOX = /(^|\/)(bwrap|perl) /;
/** The command line of a run that names its program to the sandbox which is made for it. */
const NAMES_PROGRAM = /\/app\/\S/;

/** Every process that carries the marker, whoever its parent is. */
export function carriersOf(marker: string): string[] {
  return living()
    .filter(({ pid, text }) => pid !== process.pid && text.includes(marker))
    .map(tell);
}

/** Every process below the service that belongs to a run. */
export function remainsBelow(service: number): string[] {
  const all = living();
  const remainsOf = (parent: number, isInside: boolean): Process[] =>
    all
      .filter((each) => each.parent === parent)
      .flatMap((each) => {
        const title = TITLE.exec(each.arguments)?.[1];
        if (title === 'idle' || fillsCache(each)) return [];
        const isOwn = title === undefined ? isInside || isOfRun(each) : title === 'busy';
        return [...(isOwn ? [each] : []), ...remainsOf(each.pid, isInside || title !== undefined)];
      });
  return remainsOf(service, false).map(tell);
}

/** How many sandboxes below the service wait for a run. The process that is to become the program has the same title. */
export function idleBelow(service: number): number {
  const tree = treeBelow(service);
  const idle = new Set(tree.filter(isIdle).map(({ pid }) => pid));
  return tree.filter((each) => isIdle(each) && !idle.has(each.parent)).length;
}

const isIdle = (each: Process): boolean => TITLE.exec(each.arguments)?.[1] === 'idle';

/** Whether the service still fills a cache in the background. */
export const fillsCaches = (service: number): boolean => treeBelow(service).some(fillsCache);

export function treeBelow(service: number): Process[] {
  const all = living();
  const below = (parent: number): Process[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(service);
}

function fillsCache(each: Process): boolean {
  return FILLS_CACHES.some((place) => each.arguments.includes(place));
}

function isOfRun(each: Process): boolean {
  return !MAKES_SANDBOX.test(`${each.arguments} `) || NAMES_PROGRAM.test(each.arguments);
}

const tell = ({ pid, text }: Process): string => `${pid.toString()} ${text.slice(0, 300)}`;

/** Those that have ended and wait to be reaped can do nothing any more. */
export function living(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(processOf)
    .filter(({ state }) => state !== 'Z' && state !== 'X');
}

function processOf(name: string): Process[] {
  const read = (file: string): string => {
    try {
      return readFileSync(`/proc/${name}/${file}`, 'latin1').replaceAll('\0', ' ');
    } catch {
      return ''; // it has ended meanwhile, or is another user's
    }
  };
  const stat = read('stat');
  if (stat === '') return [];
  // proc(5): after the name in parentheses come the state, the parent, and 18 fields later the time of its start.
  const [state = '', parent, ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const comm = read('comm').trim();
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

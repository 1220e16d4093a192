/**
 * What is left of runs: processes below the service, and processes of any parent that carry a marker. To be empty when the
 * answer has come, not some time after it. Sandboxes that wait for a run, or are being made for one, are nothing left of
 * another, nor is one whose program is gone while the kernel takes it down: the first process in a sandbox says in its
 * title whether it is idle, busy or over (supervisor.pl).
 */
import { type Process, living, treeBelow } from './processes';

/**
 * What is no execution of a job: the engine fills caches of compilers and builds hooks of interpreters in the background,
 * and when jest runs one file alone, the servers of jest.aws.config.js are children of the same process.
 */
const FILLS_CACHES = ['/caches/', '/built/'];
const OTHERS = [...FILLS_CACHES, '/test/aws/servers/'];
const TITLE = /^sandbox (idle|busy|over)\b/;
/** What makes a sandbox, as far as it has no title yet. */
const MAKES_SANDBOX = /(^|\/)(bwrap|perl) /;
const TEXT_MAX = 300;

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
        const title = titleOf(each);
        if (title === 'idle' || names(each, OTHERS)) return [];
        const isOwn =
          title === undefined ? isInside || !MAKES_SANDBOX.test(`${each.arguments} `) : title === 'busy';
        return [...(isOwn ? [each] : []), ...remainsOf(each.pid, isInside || title !== undefined)];
      });
  return remainsOf(service, false).map(tell);
}

/** How many sandboxes below the service wait for a run. The process that is to become the program has the same title. */
export function idleBelow(service: number): number {
  const idle = treeBelow(service).filter((each) => titleOf(each) === 'idle');
  return idle.filter(({ parent }) => !idle.some(({ pid }) => pid === parent)).length;
}

/** Whether the service still fills a cache in the background. */
export const fillsCaches = (service: number): boolean =>
  treeBelow(service).some((each) => names(each, FILLS_CACHES));

const titleOf = (each: Process): string | undefined => TITLE.exec(each.arguments)?.[1];
const names = (each: Process, places: readonly string[]): boolean =>
  places.some((place) => each.arguments.includes(place));
const tell = ({ pid, text }: Process): string => `${pid.toString()} ${text.slice(0, TEXT_MAX)}`;

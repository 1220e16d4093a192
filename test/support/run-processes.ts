/**
 * What is left of runs: processes below the service, and processes of any parent that carry a marker. To be empty when the
 * answer has come, not some time after it. Sandboxes that wait for a run, or are being made for one, are nothing left of
 * another, nor is one whose program is gone while the kernel takes it down: the first process in a sandbox says in its
 * title whether it is idle, busy or over (supervisor.pl).
 */
import { type Process, listProcesses, listDescendants } from './processes';

/**
 * What is no execution of a job: the engine fills caches of compilers and builds hooks of interpreters in the background,
 * and when jest runs one file alone, the servers of jest.aws.config.js are children of the same process.
 */
const CACHE_FILLERS = ['/caches/', '/built/'];
const UNRELATED = [...CACHE_FILLERS, '/test/aws/servers/'];
const TITLE = /^sandbox (idle|busy|over)\b/;
/** What makes a sandbox, as far as it has no title yet. */
const SANDBOX_LAUNCHER = /(^|\/)(bwrap|perl) /;
const TEXT_MAX = 300;

/** Every process that carries the marker, whoever its parent is. */
export function findMarkedProcesses(marker: string): string[] {
  return listProcesses()
    .filter(({ pid, text }) => pid !== process.pid && text.includes(marker))
    .map(describeProcess);
}

/** Every process below the service that belongs to a run. */
export function findRunProcesses(service: number): string[] {
  const all = listProcesses();
  const remainsOf = (parent: number, isInside: boolean): Process[] =>
    all
      .filter((each) => each.parent === parent)
      .flatMap((each) => {
        const title = titleOf(each);
        if (title === 'idle' || matchesAny(each, UNRELATED)) return [];
        const isOwn =
          title === undefined ? isInside || !SANDBOX_LAUNCHER.test(`${each.arguments} `) : title === 'busy';
        return [...(isOwn ? [each] : []), ...remainsOf(each.pid, isInside || title !== undefined)];
      });
  return remainsOf(service, false).map(describeProcess);
}

/** How many sandboxes below the service wait for a run. The process that is to become the program has the same title. */
export function countIdleSandboxes(service: number): number {
  const idle = listDescendants(service).filter((each) => titleOf(each) === 'idle');
  return idle.filter(({ parent }) => !idle.some(({ pid }) => pid === parent)).length;
}

/** Whether the service still fills a cache in the background. */
export const isFillingCaches = (service: number): boolean =>
  listDescendants(service).some((each) => matchesAny(each, CACHE_FILLERS));

const titleOf = (each: Process): string | undefined => TITLE.exec(each.arguments)?.[1];
const matchesAny = (each: Process, places: readonly string[]): boolean =>
  places.some((place) => each.arguments.includes(place));
const describeProcess = ({ pid, text }: Process): string => `${pid.toString()} ${text.slice(0, TEXT_MAX)}`;

import { type Process, listProcesses, listDescendants } from './processes';

/** The engine fills compiler caches and builds preload hooks in the background. */
const CACHE_FILLERS = ['/caches/', '/built/'];
/** When jest runs a single file, the servers of jest.aws.config.js are children of the same process. */
const UNRELATED = [...CACHE_FILLERS, '/test/aws/servers/'];
/** The title of the first process in a sandbox (supervisor.pl). */
const TITLE = /^sandbox (idle|busy|over)\b/;
/** The process of a sandbox that is being created and has no title yet. */
const SANDBOX_LAUNCHER = /(^|\/)(bwrap|perl) /;
const TEXT_MAX = 300;

/** Processes with the marker in their name, arguments or environment, regardless of their parent. */
export function findMarkedProcesses(marker: string): string[] {
  return listProcesses()
    .filter(({ pid, text }) => pid !== process.pid && text.includes(marker))
    .map(describeProcess);
}

/**
 * Processes below the service that belong to a run. There must be none when the response has arrived, not only some time later.
 * Does not include prepared sandboxes, sandboxes that are being created, and sandboxes whose program has exited while the
 * kernel removes them.
 */
export function findRunProcesses(service: number): string[] {
  const all = listProcesses();
  const runProcessesBelow = (parent: number, isInside: boolean): Process[] =>
    all
      .filter((each) => each.parent === parent)
      .flatMap((each) => {
        const title = titleOf(each);
        if (title === 'idle' || matchesAny(each, UNRELATED)) return [];
        const isRunProcess =
          title === undefined ? isInside || !SANDBOX_LAUNCHER.test(`${each.arguments} `) : title === 'busy';
        return [
          ...(isRunProcess ? [each] : []),
          ...runProcessesBelow(each.pid, isInside || title !== undefined),
        ];
      });
  return runProcessesBelow(service, false).map(describeProcess);
}

/** Number of prepared sandboxes below the service. The process that will execute the program has the same title. */
export function countIdleSandboxes(service: number): number {
  const idle = listDescendants(service).filter((each) => titleOf(each) === 'idle');
  return idle.filter(({ parent }) => !idle.some(({ pid }) => pid === parent)).length;
}

/** Whether the service is filling a cache in the background. */
export const isFillingCaches = (service: number): boolean =>
  listDescendants(service).some((each) => matchesAny(each, CACHE_FILLERS));

const titleOf = (each: Process): string | undefined => TITLE.exec(each.arguments)?.[1];
const matchesAny = (each: Process, paths: readonly string[]): boolean =>
  paths.some((path) => each.arguments.includes(path));
const describeProcess = ({ pid, text }: Process): string => `${pid.toString()} ${text.slice(0, TEXT_MAX)}`;

import type { EngineMeter } from './engine-meter';
import type { FaultRun, SettledRequest } from './fault-run';

const countBy = <T>(items: readonly T[], nameOf: (item: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
};

const attemptOf = ({ job }: SettledRequest): number => job?.attempt ?? 0;

/** For each job with a killed attempt: ms from the kill that ended its last killed attempt until the job was final. */
export function recoveryTimes({ settled, kills }: FaultRun): number[] {
  return settled.flatMap(({ jobId, job }) => {
    const completedAt = Date.parse(String(job?.['completed_at']));
    const kill = kills
      .filter(({ running }) => (running.get(jobId) ?? Infinity) < (job?.attempt ?? 0))
      .filter(({ running }, _, all) => running.get(jobId) === all[0]?.running.get(jobId))
      .at(-1);
    return kill ? [completedAt - kill.at] : [];
  });
}

/** Number of kills and outages between the request of a client and its result. */
export function faultsDuring({ kills, outages }: FaultRun, { requestedAt, job }: SettledRequest): number {
  const completedAt = Date.parse(String(job?.['completed_at']));
  const isDuring = (from: number, to: number): boolean => to >= requestedAt && from <= completedAt;
  return (
    kills.filter(({ at, to }) => isDuring(at, to)).length +
    outages.filter(({ from, to }) => isDuring(from, to)).length
  );
}

export function formatFigures(run: FaultRun, meter: EngineMeter | undefined): string {
  const accepted = run.settled.filter((request) => request.accepted);
  const rejected = run.settled.filter((request) => !request.accepted);
  const times = recoveryTimes(run).sort((one, other) => one - other);
  const resultOf = ({ kind, job }: SettledRequest): string =>
    `${kind} ${job?.status ?? 'lost'}/${job?.verdict ?? '-'}`;
  const runs = accepted.map(({ jobId }) => meter?.runs.get(jobId) ?? 0);
  const rows: readonly (readonly [string, unknown])[] = [
    ['seed', run.seed],
    ['uploads', run.uploads.size],
    ['accepted executions', accepted.length],
    ['results of accepted executions', countBy(accepted, resultOf)],
    ['jobs of executions that were not accepted', countBy(rejected, resultOf)],
    ['lost executions', accepted.filter(({ job }) => !job).length],
    ['executions with more than one attempt', accepted.filter((request) => attemptOf(request) > 1).length],
    ['additional attempts', accepted.reduce((sum, request) => sum + Math.max(0, attemptOf(request) - 1), 0)],
    ['programs that ran more than once', runs.filter((count) => count > 1).length],
    ['additional runs', runs.reduce((sum, count) => sum + Math.max(0, count - 1), 0)],
    ['kills', countBy(run.kills, ({ kind }) => kind)],
    ['outages', countBy(run.outages, ({ part, how }) => `${part} ${how}`)],
    ['executions that finished after a kill', times.length],
    ['ms from kill to final state, median', times[Math.floor(times.length / 2)] ?? 0],
    ['ms from kill to final state, maximum', times.at(-1) ?? 0],
    ['ms from last fault to last final state', run.settlingMs],
  ];
  return rows.map(([name, value]) => `${name.padEnd(46)} ${JSON.stringify(value)}`).join('\n');
}

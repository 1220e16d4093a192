/** What a run under faults has come to, in figures. */
import type { FaultRun, Settled } from './fault-run';
import type { EngineMeter } from './engine-meter';

const by = <T>(items: readonly T[], nameOf: (item: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
};

const attemptOf = ({ job }: Settled): number => job?.attempt ?? 0;

/** ms from the kill that an attempt did not outlive until the end of the job, of each job that had such an attempt. */
export function recoveries({ settled, kills }: FaultRun): number[] {
  return settled.flatMap(({ jobId, job }) => {
    const completedAt = Date.parse(String(job?.['completed_at']));
    const first = kills
      .filter(({ running }) => (running.get(jobId) ?? Infinity) < (job?.attempt ?? 0))
      .filter(({ running }, _, all) => running.get(jobId) === all[0]?.running.get(jobId))
      .at(-1);
    return first ? [completedAt - first.at] : [];
  });
}

/** Processes that were down, and storages that were cut off, between the request of a client and its result. */
export function faultsMeanwhile({ kills, cuts }: FaultRun, { askedAt, job }: Settled): number {
  const endedAt = Date.parse(String(job?.['completed_at']));
  const isMeanwhile = (from: number, to: number): boolean => to >= askedAt && from <= endedAt;
  return (
    kills.filter(({ at, to }) => isMeanwhile(at, to)).length +
    cuts.filter(({ from, to }) => isMeanwhile(from, to)).length
  );
}

export function figures(run: FaultRun, meter: EngineMeter | undefined): string {
  const accepted = run.settled.filter((one) => one.accepted);
  const times = recoveries(run).sort((one, other) => one - other);
  const endOf = ({ kind, job }: Settled): string => `${kind} ${job?.status ?? 'lost'}/${job?.verdict ?? '-'}`;
  const runs = accepted.map(({ jobId }) => meter?.runs.get(jobId) ?? 0);
  const rows: readonly (readonly [string, unknown])[] = [
    ['seed', run.seed],
    ['uploads', run.uploads.size],
    ['accepted', accepted.length],
    ['ended', by(accepted, endOf)],
    [
      'asked for, not accepted',
      by(
        run.settled.filter((one) => !one.accepted),
        endOf,
      ),
    ],
    ['lost', accepted.filter(({ job }) => !job).length],
    ['begun more than once', accepted.filter((one) => attemptOf(one) > 1).length],
    ['begun again, times', accepted.reduce((sum, one) => sum + Math.max(0, attemptOf(one) - 1), 0)],
    ['programs that ran more than once', runs.filter((count) => count > 1).length],
    ['programs that ran again, times', runs.reduce((sum, count) => sum + Math.max(0, count - 1), 0)],
    ['kills', by(run.kills, ({ kind }) => kind)],
    ['cuts', by(run.cuts, ({ part, how }) => `${part} ${how}`)],
    ['interrupted by a kill, and finished', times.length],
    ['ms from the kill to the end, median', times[Math.floor(times.length / 2)] ?? 0],
    ['ms from the kill to the end, longest', times.at(-1) ?? 0],
    ['ms until all had ended after the last fault', run.settlingMs],
  ];
  return rows.map(([name, value]) => `${name.padEnd(46)} ${JSON.stringify(value)}`).join('\n');
}

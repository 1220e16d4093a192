import { type ExecutionReport, cancelledReport } from '../../engine-contract/report';
import type { Dispatch, Job } from '../../jobs/job';
import { toOutcome } from './outcome';

const TIMES = { fetchMs: 3, totalMs: 40 };

const startedAt = (time: string, queuedAt: string | null): Job =>
  ({ startedAt: time, dispatch: { queuedAt } as Dispatch }) as Job;

const report = (changes: Partial<ExecutionReport> = {}): ExecutionReport => ({
  ...cancelledReport(5),
  ...changes,
});

describe('toOutcome', () => {
  it('adds the wait in the queue to the wait for a slot and to the total', () => {
    const job = startedAt('2026-01-31T12:00:01.000Z', '2026-01-31T12:00:00.000Z');
    const { timings } = toOutcome(report({ queuedMs: 5 }), job, TIMES);
    expect(timings).toMatchObject({ queuedMs: 1005, fetchMs: 3, totalMs: 1040 });
  });

  it('counts no wait in the queue for a synchronous execution', () => {
    const job = startedAt('2026-01-31T12:00:01.000Z', null);
    expect(toOutcome(report({ queuedMs: 5 }), job, TIMES).timings).toMatchObject({
      queuedMs: 5,
      totalMs: 40,
    });
  });

  it('counts no negative wait when the clocks of two processes differ', () => {
    const job = startedAt('2026-01-31T12:00:00.000Z', '2026-01-31T12:00:01.000Z');
    expect(toOutcome(report({ queuedMs: 5 }), job, TIMES).timings).toMatchObject({
      queuedMs: 5,
      totalMs: 40,
    });
  });

  it('has `results` only when there were several inputs', () => {
    const job = startedAt('2026-01-31T12:00:00.000Z', null);
    expect(toOutcome(report(), job, TIMES)).not.toHaveProperty('results');
    expect(toOutcome(report({ results: [] }), job, TIMES)).toMatchObject({ results: [] });
  });
});

import type { Webhook } from '../../jobs/webhook.repository';
import { RETRY_PERIOD_MS, postponedAttemptAt, nextAttemptAt } from './webhook-schedule';

const START = Date.parse('2026-01-31T12:00:00.000Z');
const WEBHOOK: Webhook = {
  id: 'a',
  jobId: 'b',
  url: 'https://example.com',
  body: '{}',
  tries: 0,
  createdAt: new Date(START).toISOString(),
  dueAt: new Date(START).toISOString(),
};
const LEAST = (): number => 0;
const MIDDLE = (): number => 0.5;
const MOST = (): number => 1 - Number.EPSILON;

/** Times of all attempts, in s after the first, when each fails at once. */
function attemptTimes(random: () => number): number[] {
  const all: number[] = [];
  let next: string | undefined = WEBHOOK.createdAt;
  while (next !== undefined) {
    const now = Date.parse(next);
    all.push((now - START) / 1000);
    next = nextAttemptAt(WEBHOOK, all.length, now, random);
  }
  return all;
}

describe('The retry schedule of a webhook', () => {
  it('has growing delays, and the last attempt at the end of the hour', () => {
    expect(attemptTimes(MIDDLE)).toEqual([0, 1, 6, 36, 156, 456, 1056, 2256, 3456, 3600]);
  });

  it.each([
    ['shorter', LEAST, 0.8],
    ['longer', MOST, 1.2],
  ])('makes each delay up to a fifth %s', (_what, random, factor) => {
    const pauses = [1, 5, 30, 120, 300, 600, 1200];
    const all = attemptTimes(random).slice(0, pauses.length + 1);
    for (const [index, pause] of pauses.entries())
      expect((all[index + 1] ?? 0) - (all[index] ?? 0)).toBeCloseTo(pause * factor, 2);
  });

  it.each([LEAST, MIDDLE, MOST])('ends exactly after an hour', (random) => {
    expect(attemptTimes(random).at(-1)).toBe(RETRY_PERIOD_MS / 1000);
  });

  it('gives up when an attempt fails after the hour, however few attempts were made', () => {
    expect(nextAttemptAt(WEBHOOK, 1, START + RETRY_PERIOD_MS, MIDDLE)).toBeUndefined();
    expect(nextAttemptAt(WEBHOOK, 1, START + 10 * RETRY_PERIOD_MS, MIDDLE)).toBeUndefined();
    expect(nextAttemptAt(WEBHOOK, 1, START + RETRY_PERIOD_MS - 1, MIDDLE)).toBe('2026-01-31T13:00:00.000Z');
  });

  it('postpones a webhook for a busy host by about ten seconds, within the same hour', () => {
    const seconds = (random: () => number, now: number): number =>
      (Date.parse(postponedAttemptAt(WEBHOOK, now, random) ?? '') - now) / 1000;
    expect([LEAST, MIDDLE, MOST].map((random) => seconds(random, START))).toEqual([8, 10, 12].map(about));
    expect(seconds(MIDDLE, START + RETRY_PERIOD_MS - 1000)).toBe(1);
    expect(postponedAttemptAt(WEBHOOK, START + RETRY_PERIOD_MS, MIDDLE)).toBeUndefined();
  });
});

const about = (value: number): number => expect.closeTo(value, 2) as number;

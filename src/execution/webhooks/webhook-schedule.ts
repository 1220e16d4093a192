/** When a callback that failed is tried again. */
import type { Webhook } from '../../jobs/webhook.repository';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
/** Between a call and the next: the last one is repeated. */
const PAUSES_MS = [
  ...[SECOND_MS, 5 * SECOND_MS, 30 * SECOND_MS],
  ...[2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 20 * MINUTE_MS],
] as const;
const PAUSE_MS_LAST = PAUSES_MS[PAUSES_MS.length - 1] ?? 0;
/** A pause is longer or shorter by at most this part of it, so that calls which failed together do not come together again. */
const JITTER = 0.2;
/** ms from its creation, after which a callback is given up. */
export const RETRY_PERIOD_MS = 60 * MINUTE_MS;
/** ms that a callback is put off without a call, because too many go to its host. */
const CROWDED_MS = 10 * SECOND_MS;

/** 0 up to 1, without 1. */
export type Random = () => number;

/**
 * The time of the next call after one that failed:
 *
 *     min(now + pause[min(tries, 7)] × (0.8 + 0.4 × random), createdAt + 1 h)
 *
 * with the pauses 1 s, 5 s, 30 s, 2 min, 5 min, 10 min and 20 min: nine or ten calls, of which the last is made when the
 * hour is over.
 * @param tries calls made so far, from 1
 * @param now ms since the epoch
 * @returns RFC 3339; undefined when the hour is over: it is given up
 */
export function nextAttemptAt(
  { createdAt }: Webhook,
  tries: number,
  now: number,
  random: Random = Math.random,
): string | undefined {
  return atLatest(createdAt, now, jittered(PAUSES_MS[tries - 1] ?? PAUSE_MS_LAST, random));
}

/** When a callback is looked at again that could not be called, because too many go to its host; otherwise as `nextTry`. */
export const postponedAttemptAt = ({ createdAt }: Webhook, now: number, random: Random = Math.random) =>
  atLatest(createdAt, now, jittered(CROWDED_MS, random));

const jittered = (ms: number, random: Random): number => ms * (1 - JITTER + 2 * JITTER * random());

function atLatest(createdAt: string, now: number, pauseMs: number): string | undefined {
  const end = Date.parse(createdAt) + RETRY_PERIOD_MS;
  return now >= end ? undefined : new Date(Math.min(now + pauseMs, end)).toISOString();
}

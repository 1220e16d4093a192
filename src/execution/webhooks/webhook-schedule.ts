import type { Webhook } from '../../jobs/webhook.repository';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
/** Delays between attempts; the last one is used for all further attempts. */
const DELAYS_MS = [
  SECOND_MS,
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  20 * MINUTE_MS,
] as const;
const LAST_DELAY_MS = DELAYS_MS[DELAYS_MS.length - 1] ?? 0;
/** Largest relative change of a delay, so that webhooks that failed together are not retried together. */
const JITTER = 0.2;
/** Milliseconds after its creation at which a webhook is given up. */
export const RETRY_PERIOD_MS = 60 * MINUTE_MS;
/** Milliseconds by which a webhook is postponed when too many wait for its host. */
const HOST_BUSY_DELAY_MS = 10 * SECOND_MS;

/** Returns 0 or more, and less than 1. */
export type Random = () => number;

/**
 * The time of the next attempt after a failed one:
 *
 *     min(now + delay[min(attempts, 7)] × (0.8 + 0.4 × random), createdAt + 1 h)
 *
 * with delays of 1 s, 5 s, 30 s, 2 min, 5 min, 10 min and 20 min. This makes nine or ten attempts, the last of them at
 * the end of the hour.
 * @param attempts made so far, from 1
 * @param now ms since the epoch
 * @returns RFC 3339; undefined when the hour is over and the webhook is given up
 */
export function nextAttemptAt(
  { createdAt }: Webhook,
  attempts: number,
  now: number,
  random: Random = Math.random,
): string | undefined {
  return limitedToPeriod(createdAt, now, withJitter(DELAYS_MS[attempts - 1] ?? LAST_DELAY_MS, random));
}

/** The time of the next attempt when too many webhooks wait for the host; otherwise like `nextAttemptAt`. */
export const postponedAttemptAt = (
  { createdAt }: Webhook,
  now: number,
  random: Random = Math.random,
): string | undefined => limitedToPeriod(createdAt, now, withJitter(HOST_BUSY_DELAY_MS, random));

const withJitter = (ms: number, random: Random): number => ms * (1 - JITTER + 2 * JITTER * random());

function limitedToPeriod(createdAt: string, now: number, delayMs: number): string | undefined {
  const end = Date.parse(createdAt) + RETRY_PERIOD_MS;
  return now >= end ? undefined : new Date(Math.min(now + delayMs, end)).toISOString();
}

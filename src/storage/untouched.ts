/** What a conditional write is whose condition did not hold. */
import { isDeepStrictEqual } from 'node:util';
import { type Job, type JobState, isInState } from '../jobs/job';
import type { Amendment, From, Transition } from '../jobs/job.repository';

/** @param to the state that was wanted: a job that is in it already was brought there by this very transition */
export function untouched(current: Job | undefined, to: JobState): Transition {
  if (!current) return { kind: 'missing' };
  return isInState(current, to) ? { kind: 'changed', job: current } : { kind: 'conflict', current };
}

export function unamended(current: Job | undefined, from: From, amendment: Amendment): Transition {
  if (!current) return { kind: 'missing' };
  const isSame =
    from.statuses.includes(current.status) &&
    current.attempt === from.attempt &&
    (from.fence === undefined || current.fence === from.fence) &&
    Object.entries(amendment).every(([name, value]) => isDeepStrictEqual(current[name as keyof Job], value));
  return isSame ? { kind: 'changed', job: current } : { kind: 'conflict', current };
}

/** What a conditional write is whose condition did not hold. */
import { isDeepStrictEqual } from 'node:util';
import { type Job, type JobState, isInState } from '../jobs/job';
import type { JobFieldUpdate, TransitionGuard, TransitionResult } from '../jobs/job.repository';

/** @param to the state that was wanted: a job that is in it already was brought there by this very transition */
export function resolveConflict(current: Job | undefined, to: JobState): TransitionResult {
  if (!current) return { kind: 'missing' };
  return isInState(current, to) ? { kind: 'changed', job: current } : { kind: 'conflict', current };
}

export function resolveUpdateConflict(
  current: Job | undefined,
  from: TransitionGuard,
  amendment: JobFieldUpdate,
): TransitionResult {
  if (!current) return { kind: 'missing' };
  const isSame =
    from.statuses.includes(current.status) &&
    current.attempt === from.attempt &&
    (from.fence === undefined || current.fence === from.fence) &&
    Object.entries(amendment).every(([name, value]) => isDeepStrictEqual(current[name as keyof Job], value));
  return isSame ? { kind: 'changed', job: current } : { kind: 'conflict', current };
}

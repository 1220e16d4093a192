import { isDeepStrictEqual } from 'node:util';
import { type Job, type JobState, isInState } from '../jobs/job';
import type { JobFieldUpdate, TransitionGuard, TransitionResult } from '../jobs/job.repository';

/**
 * The result of a transition whose guard did not hold. If the job is in the target state already, an earlier attempt of this
 * very transition succeeded and lost its response.
 */
export function resolveConflict(current: Job | undefined, to: JobState): TransitionResult {
  if (!current) return { kind: 'missing' };
  return isInState(current, to) ? { kind: 'changed', job: current } : { kind: 'conflict', current };
}

/** The result of a field update whose guard did not hold. The same fields may have been written by an earlier attempt. */
export function resolveUpdateConflict(
  current: Job | undefined,
  guard: TransitionGuard,
  update: JobFieldUpdate,
): TransitionResult {
  if (!current) return { kind: 'missing' };
  const isUpdated =
    guard.statuses.includes(current.status) &&
    current.attempt === guard.attempt &&
    (guard.fence === undefined || current.fence === guard.fence) &&
    Object.entries(update).every(([name, value]) => isDeepStrictEqual(current[name as keyof Job], value));
  return isUpdated ? { kind: 'changed', job: current } : { kind: 'conflict', current };
}

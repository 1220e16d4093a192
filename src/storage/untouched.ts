/** What a transition is whose condition did not hold. */
import { type Job, type JobState, isInState } from '../jobs/job';
import type { Transition } from '../jobs/job.repository';

/** @param to the state that was wanted: a job that is in it already was brought there by this very transition */
export function untouched(current: Job | undefined, to: JobState): Transition {
  if (!current) return { kind: 'missing' };
  return isInState(current, to) ? { kind: 'changed', job: current } : { kind: 'conflict', current };
}

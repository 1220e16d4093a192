import { ProblemException } from '../../common/problems/problem.exception';

/** All slots are in use and the queue is full. */
export class EngineBusyError extends ProblemException {
  /** @param retryAfterS whole seconds until a slot is likely to be free, at least 1 */
  constructor(readonly retryAfterS: number) {
    const seconds = retryAfterS.toString();
    super('engine-busy', `All slots are in use and the queue is full. Try again in ${seconds} s.`, {
      headers: { 'retry-after': seconds },
    });
  }
}

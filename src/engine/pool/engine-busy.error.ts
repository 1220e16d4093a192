/** Every slot and every waiting place is taken. */
import { ProblemException } from '../../common/problems/problem.exception';

export class EngineBusyError extends ProblemException {
  /** @param retryAfterS whole seconds until there is likely a place for this client */
  constructor(readonly retryAfterS: number) {
    const seconds = retryAfterS.toString();
    super('engine-busy', `Every slot and every waiting place is taken; try again in ${seconds} s.`, {
      headers: { 'retry-after': seconds },
    });
  }
}

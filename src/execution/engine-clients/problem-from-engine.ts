/** The problem that an engine answered, as a problem of this service. */
import { isProblemCode } from '../../common/problems/catalogue';
import { ProblemException } from '../../common/problems/problem.exception';
import { isRefusal } from './engine.client';

export function problemFromEngine(body: unknown, status: number, retryAfter?: string): ProblemException {
  const { code, detail } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof code === 'string' && isProblemCode(code) && isRefusal(code)) {
    return new ProblemException(code, typeof detail === 'string' ? detail : 'The engine refused.', {
      ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
    });
  }
  return new ProblemException('engine-error', 'The engine failed.', {
    cause: new Error(`The engine answered ${status.toString()}: ${JSON.stringify(body)}`),
  });
}

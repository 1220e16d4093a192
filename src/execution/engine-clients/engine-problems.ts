import { isProblemCode } from '../../common/problems/catalogue';
import { ProblemException } from '../../common/problems/problem.exception';
import { isEngineRejection } from './engine.client';

/** The problem for an error response: a rejection keeps its code, everything else becomes `engine-error`. */
export function toEngineProblem(body: unknown, status: number, retryAfter?: string): ProblemException {
  const { code, detail } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof code === 'string' && isProblemCode(code) && isEngineRejection(code)) {
    const message = typeof detail === 'string' ? detail : 'The engine rejected the execution.';
    return new ProblemException(code, message, {
      ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
    });
  }
  return new ProblemException('engine-error', 'The engine failed.', {
    cause: new Error(`HTTP status ${status.toString()} from the engine: ${JSON.stringify(body)}`),
  });
}

/** @param reason a clause without a full stop */
export const invalidResponseProblem = (reason: string, cause?: unknown): ProblemException =>
  new ProblemException('engine-error', `The engine returned an invalid response: ${reason}.`, { cause });

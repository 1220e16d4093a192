/** The problem that an engine answered, as a problem of this service. */
import { isProblemCode, type ProblemCode } from '../../common/problems/catalogue';
import { ProblemException } from '../../common/problems/problem.exception';

/** Problems of the engine that mean the same to a client of the gateway; any other is the engine's failure. */
const SHARED: readonly ProblemCode[] = [
  'engine-busy',
  'sandbox-unavailable',
  'unsupported-language',
  'shutting-down',
];

export const isShared = (code: ProblemCode): boolean => SHARED.includes(code);

export function problemOfBody(body: unknown, status: number, retryAfter?: string): ProblemException {
  const { code, detail } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof code === 'string' && isProblemCode(code) && isShared(code)) {
    return new ProblemException(code, typeof detail === 'string' ? detail : 'The engine refused.', {
      ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
    });
  }
  return new ProblemException('engine-error', 'The engine failed.', {
    cause: new Error(`The engine answered ${status.toString()}: ${JSON.stringify(body)}`),
  });
}

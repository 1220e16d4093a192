/**
 * Middleware for the SDK's clients that remembers which failed calls AWS may still have carried out. The error of the
 * last attempt does not show it: the first attempt may have succeeded and lost its response, and the second may have been
 * rejected.
 */
import { wasRejectedByAws } from './aws-errors';

/** Keyed by the SDK's handler context, which all attempts of a call share. */
const callsWithUncertainAttempt = new WeakSet<object>();
const uncertainErrors = new WeakSet<object>();

type Handler<Arguments, Output> = (args: Arguments) => Promise<Output>;

/** Runs for each attempt. */
export const attemptMiddleware =
  <Arguments, Output>(next: Handler<Arguments, Output>, context: object): Handler<Arguments, Output> =>
  async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if (!wasRejectedByAws(error)) callsWithUncertainAttempt.add(context);
      throw error;
    }
  };

/** Runs once per call. */
export const callMiddleware =
  <Arguments, Output>(next: Handler<Arguments, Output>, context: object): Handler<Arguments, Output> =>
  async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if (callsWithUncertainAttempt.has(context)) uncertainErrors.add(error as object);
      throw error;
    }
  };

export const ATTEMPT_STEP = { name: 'attemptMiddleware', step: 'finalizeRequest', priority: 'low' } as const;
export const CALL_STEP = { name: 'callMiddleware', step: 'initialize', priority: 'high' } as const;

/** Whether AWS may have carried out the call that failed with this error. */
export const isWriteUncertain = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && uncertainErrors.has(error);

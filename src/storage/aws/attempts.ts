/**
 * Tells whether a call that failed may have been carried out all the same. Its last attempt alone does not: the first may
 * have reached the service and lost its answer, and the second have been refused. Middleware for the SDK's clients.
 */
import { wasRejectedByAws } from './aws-errors';

/** By the context of a call, which is the same for all its attempts. */
const unanswered = new WeakSet<object>();
const uncertain = new WeakSet<object>();

type Handler<Arguments, Output> = (args: Arguments) => Promise<Output>;

/** Around each attempt. */
export const attemptMiddleware =
  <Arguments, Output>(next: Handler<Arguments, Output>, context: object): Handler<Arguments, Output> =>
  async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if (!wasRejectedByAws(error)) unanswered.add(context);
      throw error;
    }
  };

/** Around the whole call. */
export const callMiddleware =
  <Arguments, Output>(next: Handler<Arguments, Output>, context: object): Handler<Arguments, Output> =>
  async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if (unanswered.has(context)) uncertain.add(error as object);
      throw error;
    }
  };

export const ATTEMPT = { name: 'attemptMiddleware', step: 'finalizeRequest', priority: 'low' } as const;
export const CALL = { name: 'callMiddleware', step: 'initialize', priority: 'high' } as const;

export const isWriteUncertain = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && uncertain.has(error);

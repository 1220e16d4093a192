import type { FastifyReply } from 'fastify';

/** @returns a signal that aborts when the client disconnects before the response is complete */
export function disconnectSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

import type { FastifyReply } from 'fastify';

/** Adds a request header to Vary and keeps what other code, such as CORS, has put there. */
export function addVary(reply: FastifyReply, header: string): void {
  const fields = [reply.getHeader('vary') ?? []].flat();
  void reply.header('vary', [...fields, header].join(', '));
}

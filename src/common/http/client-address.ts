/** Who calls: the address of the connection, or the one that a trusted proxy names. */
import { isIP } from 'node:net';
import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** What a proxy passes on unread may be no address at all: then the proxy itself is the client. */
export const ClientAddress = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const { ip, socket } = context.switchToHttp().getRequest<FastifyRequest>();
  return isIP(ip) ? ip : (socket.remoteAddress ?? 'unknown');
});

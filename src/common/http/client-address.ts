import { isIP } from 'node:net';
import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The address that the connection, or a trusted proxy, states. When a proxy passes on an invalid address, its own counts. */
export const clientAddressOf = ({ ip, socket }: FastifyRequest): string =>
  isIP(ip) ? ip : (socket.remoteAddress ?? 'unknown');

export const ClientAddress = createParamDecorator((_data: unknown, context: ExecutionContext): string =>
  clientAddressOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

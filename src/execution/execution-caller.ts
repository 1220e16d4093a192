import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientAddressOf } from '../common/http/client-address';
import { disconnectSignal } from '../common/http/disconnect-signal';
import { prefersAsync } from '../common/http/prefer';
import { parseIdempotencyKey } from './idempotency/idempotency-key';

/** The client of a request to execute, and what it wants besides the body. */
export interface ExecutionCaller {
  /** The client's address. */
  readonly client: string;
  /** Aborts when the client disconnects before it has the response. */
  readonly disconnect: AbortSignal;
  /** The Idempotency-Key; undefined when there is none. */
  readonly key: string | undefined;
  /** Whether the client sent `Prefer: respond-async` (RFC 7240). */
  readonly isAsynchronous: boolean;
}

/** Binds a controller parameter to the ExecutionCaller. @throws ProblemException `validation-failed` for an invalid key */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): ExecutionCaller => {
  const http = context.switchToHttp();
  const request = http.getRequest<FastifyRequest>();
  return {
    client: clientAddressOf(request),
    disconnect: disconnectSignal(http.getResponse<FastifyReply>()),
    key: parseIdempotencyKey(request.headers['idempotency-key']),
    isAsynchronous: prefersAsync(request.headers.prefer),
  };
});

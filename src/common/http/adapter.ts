/** The Fastify adapter as both applications use it: limits, request ids, strict bodies, problems for every error. */
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_MEDIA_TYPE, ProblemBody } from '../problems/problem.body';
import { toProblem } from '../problems/to-problem';
import { AllowedMethods } from './allowed-methods';
import { registerJsonBody } from './json-body';
import { pathOf } from './path';
import { answerRawError } from './raw-errors';
import { HEAD_OPTIONS, problemOfHead, problemOfHost, registerRequestHead } from './request-head';
import { requestIdOf } from './request-id';
import { registerStop } from './stop';

/** JSON may write each byte of a text as six characters (`\u0000`). */
const JSON_EXPANSION = 6;
const ENVELOPE_BYTES = 64 * 1024;
/** As long as Node's own limit of the request line and headers, so that a long id reaches its validation. */
const PARAM_LENGTH_MAX = 16 * 1024;
/** ms for a whole request to arrive: without a limit, one that stops in its middle would be waited for for ever. */
const REQUEST_TIMEOUT_MS = 120_000;

export interface Http {
  readonly adapter: FastifyAdapter;
  readonly allowedMethods: AllowedMethods;
}

interface HttpOptions {
  /** The longest text that a body carries. */
  readonly textBytesMax: number;
  /** Addresses and CIDRs whose X-Forwarded-For tells the client; nobody's without it. */
  readonly trustedProxies?: readonly string[];
  /** Whether to refuse requests for any host but loopback. */
  readonly loopbackOnly: boolean;
}

export function createHttp({ textBytesMax, loopbackOnly, trustedProxies = [] }: HttpOptions): Http {
  const adapter = new FastifyAdapter({
    bodyLimit: textBytesMax * JSON_EXPANSION + ENVELOPE_BYTES,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: HEAD_OPTIONS,
    genReqId: requestIdOf,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    clientErrorHandler: answerRawError,
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      const problem = toProblem(error);
      void reply
        .status(problem.getStatus())
        .header('x-request-id', request.id)
        .type(PROBLEM_MEDIA_TYPE)
        .send(JSON.stringify(ProblemBody.from(problem, pathOf(request.url), request.id)));
    },
  });
  const fastify: FastifyInstance = adapter.getInstance();
  const allowedMethods = new AllowedMethods(fastify);
  registerJsonBody(fastify);
  registerRequestHead(fastify);
  registerStop(fastify);
  // Ahead of CORS, which answers preflights itself.
  adapter.setOnRequestHook((request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done(loopbackOnly ? problemOfHost(request) : undefined);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(problemOfHead(request));
  });
  return { adapter, allowedMethods };
}

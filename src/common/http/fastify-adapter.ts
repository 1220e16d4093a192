/** The Fastify adapter as both applications use it: limits, request ids, strict bodies, problems for every error. */
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_MEDIA_TYPE, ProblemBody } from '../problems/problem.body';
import { toProblemException } from '../problems/to-problem';
import { AllowedMethods } from './allowed-methods';
import { useStrictJsonParser } from './json-body';
import { pathFromUrl } from './path';
import { answerClientError } from './client-errors';
import { NODE_HTTP_OPTIONS, findHeadProblem, findHostProblem, answerExpectAndConnect } from './request-head';
import { requestIdFrom } from './request-id';
import { limitShutdownTime } from './connection-shutdown';

/** JSON may write each byte of a text as six characters (`\u0000`). */
const JSON_ESCAPE_FACTOR = 6;
const ENVELOPE_BYTES = 64 * 1024;
/** As long as Node's own limit of the request line and headers, so that a long id reaches its validation. */
const PARAM_LENGTH_MAX = 16 * 1024;
/** ms for a whole request to arrive: without a limit, one that stops in its middle would be waited for for ever. */
const REQUEST_TIMEOUT_MS = 120_000;

export interface HttpAdapterWithMethods {
  readonly adapter: FastifyAdapter;
  readonly allowedMethods: AllowedMethods;
}

interface HttpAdapterOptions {
  /** The longest text that a body carries. */
  readonly textBytesMax: number;
  /** Addresses and CIDRs whose X-Forwarded-For tells the client; nobody's without it. */
  readonly trustedProxies?: readonly string[];
  /** Whether to refuse requests for any host but loopback. */
  readonly loopbackOnly: boolean;
}

export function createHttpAdapter({
  textBytesMax,
  loopbackOnly,
  trustedProxies = [],
}: HttpAdapterOptions): HttpAdapterWithMethods {
  const adapter = new FastifyAdapter({
    bodyLimit: textBytesMax * JSON_ESCAPE_FACTOR + ENVELOPE_BYTES,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: NODE_HTTP_OPTIONS,
    genReqId: requestIdFrom,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      const problem = toProblemException(error);
      void reply
        .status(problem.getStatus())
        .header('x-request-id', request.id)
        .type(PROBLEM_MEDIA_TYPE)
        .send(JSON.stringify(ProblemBody.from(problem, pathFromUrl(request.url), request.id)));
    },
  });
  const fastify: FastifyInstance = adapter.getInstance();
  const allowedMethods = new AllowedMethods(fastify);
  useStrictJsonParser(fastify);
  answerExpectAndConnect(fastify);
  limitShutdownTime(fastify);
  // Ahead of CORS, which answers preflights itself.
  adapter.setOnRequestHook((request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done(loopbackOnly ? findHostProblem(request) : undefined);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(findHeadProblem(request));
  });
  return { adapter, allowedMethods };
}

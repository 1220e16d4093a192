import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_MEDIA_TYPE, ProblemBody } from '../problems/problem.body';
import { toProblemException } from '../problems/to-problem';
import { AllowedMethods } from './allowed-methods';
import { useStrictJsonParser } from './json-body';
import { pathFromUrl } from './path';
import { respondToClientError } from './client-errors';
import { NODE_HTTP_OPTIONS, findHeadProblem, findHostProblem, handleExpectAndConnect } from './request-head';
import { requestIdFrom } from './request-id';
import { limitShutdownTime } from './connection-shutdown';

/** JSON can escape each byte of a text as six characters (`\u0000`). */
const JSON_ESCAPE_FACTOR = 6;
const ENVELOPE_BYTES = 64 * 1024;
/** Equal to Node's limit for the request line and headers, so that a long id in a path reaches its validation. */
const PARAM_LENGTH_MAX = 16 * 1024;
/** Milliseconds for a whole request to arrive: without a limit, an incomplete request would occupy its connection forever. */
const REQUEST_TIMEOUT_MS = 120_000;

export interface HttpAdapterWithMethods {
  readonly adapter: FastifyAdapter;
  readonly allowedMethods: AllowedMethods;
}

interface HttpAdapterOptions {
  /** The maximum size of all text fields of one body together. */
  readonly textBytesMax: number;
  /** Addresses and CIDRs whose X-Forwarded-For is trusted. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Whether to reject requests whose Host header does not name a loopback address. */
  readonly loopbackOnly: boolean;
}

/**
 * Creates the Fastify adapter of both applications, with size and time limits, request ids, strict JSON bodies and a problem
 * response for every error.
 */
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
    clientErrorHandler: respondToClientError,
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
  handleExpectAndConnect(fastify);
  limitShutdownTime(fastify);
  // Runs before the CORS plugin, which responds to preflights itself.
  adapter.setOnRequestHook((request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done(loopbackOnly ? findHostProblem(request) : undefined);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(findHeadProblem(request));
  });
  return { adapter, allowedMethods };
}

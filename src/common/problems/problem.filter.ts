import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AllowedMethods } from '../http/allowed-methods';
import { pathFromUrl } from '../http/path';
import { PROBLEMS, type ProblemCode } from './catalogue';
import { PROBLEM_MEDIA_TYPE, ProblemBody } from './problem.body';
import { ProblemException } from './problem.exception';
import { toProblemException } from './to-problem';

/** Problems with a 5xx status that are not errors of the service: it refuses an execution on purpose. */
const EXPECTED_PROBLEMS: ReadonlySet<ProblemCode> = new Set([
  'engine-busy',
  'sandbox-unavailable',
  'shutting-down',
]);

/** Turns everything that is thrown into a problem response, and logs errors of the service. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly allowedMethods: AllowedMethods) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const path = pathFromUrl(request.url);
    const problem = this.replaceByMethodNotAllowed(
      toProblemException(thrown, request.routeOptions.bodyLimit),
      request.method,
      path,
    );
    this.log(problem, thrown, request.id);
    // A response that is hijacked or partly sent can only be aborted.
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    // Fastify sets `connection: close`, which would reset the connection while the client still sends its body, before it
    // has read the response. Without the header Node reads and discards the rest of the body.
    void reply.removeHeader('connection');
    void reply
      .status(problem.getStatus())
      .headers(problem.extras.headers ?? {})
      .type(PROBLEM_MEDIA_TYPE)
      .send(ProblemBody.from(problem, path, request.id));
  }

  private log({ code, detail, extras }: ProblemException, thrown: unknown, requestId: string): void {
    if (EXPECTED_PROBLEMS.has(code))
      this.logger.warn({ code, detail, request_id: requestId }, 'execution rejected');
    else if (PROBLEMS[code].status >= 500) {
      this.logger.error({ err: extras.cause ?? thrown, code, request_id: requestId });
    }
  }

  private replaceByMethodNotAllowed(
    problem: ProblemException,
    method: string,
    path: string,
  ): ProblemException {
    if (problem.code !== 'route-not-found') return problem;
    const methods = this.allowedMethods.findMethods(path);
    // Either no endpoint has this path, or one supports the method and has thrown `route-not-found` itself.
    if (methods.length === 0 || methods.includes(method)) return problem;
    return new ProblemException(
      'method-not-allowed',
      `This path supports the methods ${methods.join(', ')}.`,
      {
        headers: { allow: methods.join(', ') },
      },
    );
  }
}

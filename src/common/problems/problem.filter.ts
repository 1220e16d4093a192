/** Turns whatever was thrown into the answer of a problem, and logs what is a fault of ours. */
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AllowedMethods } from '../http/allowed-methods';
import { pathFromUrl } from '../http/path';
import { PROBLEMS, type ProblemCode } from './catalogue';
import { PROBLEM_MEDIA_TYPE, ProblemBody } from './problem.body';
import { ProblemException } from './problem.exception';
import { toProblemException } from './to-problem';

/** Problems under 5xx that are no fault: the service says no, and why. */
const EXPECTED_PROBLEMS: ReadonlySet<ProblemCode> = new Set([
  'engine-busy',
  'sandbox-unavailable',
  'shutting-down',
]);

@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly allowedMethods: AllowedMethods) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const path = pathFromUrl(request.url);
    const problem = this.asMethodNotAllowed(
      toProblemException(thrown, request.routeOptions.bodyLimit),
      request.method,
      path,
    );
    this.log(problem, thrown, request.id);
    // A hijacked or half-sent answer can only be cut.
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    // Closing while the client still sends would reset the connection before it has read the answer; without the
    // header that Fastify sets, the rest of the body is read and dropped.
    void reply.removeHeader('connection');
    void reply
      .status(problem.getStatus())
      .headers(problem.extras.headers ?? {})
      .type(PROBLEM_MEDIA_TYPE)
      .send(ProblemBody.from(problem, path, request.id));
  }

  /** A refusal that is meant is told, a fault of ours with all that is known of it. */
  private log({ code, detail, extras }: ProblemException, thrown: unknown, requestId: string): void {
    if (EXPECTED_PROBLEMS.has(code)) this.logger.warn({ code, detail, request_id: requestId });
    else if (PROBLEMS[code].status >= 500) {
      this.logger.error({ err: extras.cause ?? thrown, code, request_id: requestId });
    }
  }

  private asMethodNotAllowed(problem: ProblemException, method: string, path: string): ProblemException {
    if (problem.code !== 'route-not-found') return problem;
    const methods = this.allowedMethods.findMethods(path);
    // An endpoint that has the method found nothing itself.
    if (methods.length === 0 || methods.includes(method)) return problem;
    return new ProblemException('method-not-allowed', `This path has the methods ${methods.join(', ')}.`, {
      headers: { allow: methods.join(', ') },
    });
  }
}

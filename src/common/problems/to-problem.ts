/** Finds the problem of whatever was thrown: ours, the HTTP adapter's, or a fault that nobody expected. */
import { HttpException } from '@nestjs/common';
import { ProblemException } from './problem.exception';

/** Errors that Fastify throws before a controller is reached (its documentation, "Errors"). */
const ADAPTER_ERRORS: Readonly<Record<string, (error: AdapterError) => ProblemException>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (cause) =>
    new ProblemException('payload-too-large', 'The body is larger than this service accepts.', { cause }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (cause) =>
    new ProblemException('unsupported-media-type', 'The body must be sent as application/json.', { cause }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (cause) =>
    new ProblemException('malformed-request', 'The body did not have the announced length.', { cause }),
  FST_ERR_BAD_URL: (cause) =>
    new ProblemException('route-not-found', 'The path is not a valid URL path.', { cause }),
};

interface AdapterError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
}

export function toProblem(thrown: unknown): ProblemException {
  if (thrown instanceof ProblemException) return thrown;
  if (thrown instanceof HttpException) return fromStatus(thrown.getStatus(), thrown);
  const error: AdapterError = typeof thrown === 'object' && thrown !== null ? thrown : {};
  const known = typeof error.code === 'string' ? ADAPTER_ERRORS[error.code] : undefined;
  if (known) return known(error);
  return fromStatus(typeof error.statusCode === 'number' ? error.statusCode : 500, thrown);
}

function fromStatus(status: number, cause: unknown): ProblemException {
  switch (status) {
    case 400:
      return new ProblemException('malformed-request', 'The request could not be read.', { cause });
    case 404:
      return new ProblemException('route-not-found', 'No endpoint has this path.', { cause });
    case 413:
      return new ProblemException('payload-too-large', 'The body is larger than this service accepts.', {
        cause,
      });
    case 415:
      return new ProblemException('unsupported-media-type', 'The body must be sent as application/json.', {
        cause,
      });
    default:
      return new ProblemException('internal-error', 'The service failed to answer this request.', { cause });
  }
}

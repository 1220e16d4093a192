import { HttpException } from '@nestjs/common';
import { ProblemException } from './problem.exception';

/** Errors that Fastify throws before a controller is reached (its documentation, "Errors"). */
const ADAPTER_ERRORS: Readonly<Record<string, AdapterProblemFactory>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: bodyTooLargeProblem,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (cause) =>
    new ProblemException('unsupported-media-type', 'The body must be sent as application/json.', { cause }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (cause) =>
    new ProblemException('malformed-request', 'The length of the body differs from its Content-Length.', {
      cause,
    }),
  FST_ERR_BAD_URL: (cause) =>
    new ProblemException('malformed-request', 'The percent-encoding of the path is not valid UTF-8.', {
      cause,
    }),
};

interface AdapterError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
}

type AdapterProblemFactory = (cause: unknown, bodyBytesMax: number | undefined) => ProblemException;

/**
 * Converts anything that is thrown into a problem: one of the service, an error of Fastify, or an unexpected error.
 * @param bodyBytesMax stated in the problem when the body exceeds it
 */
export function toProblemException(thrown: unknown, bodyBytesMax?: number): ProblemException {
  if (thrown instanceof ProblemException) return thrown;
  if (thrown instanceof HttpException) return problemFromStatus(thrown.getStatus(), thrown, bodyBytesMax);
  const error: AdapterError = typeof thrown === 'object' && thrown !== null ? thrown : {};
  const known = typeof error.code === 'string' ? ADAPTER_ERRORS[error.code] : undefined;
  if (known) return known(error, bodyBytesMax);
  return problemFromStatus(
    typeof error.statusCode === 'number' ? error.statusCode : 500,
    thrown,
    bodyBytesMax,
  );
}

function problemFromStatus(
  status: number,
  cause: unknown,
  bodyBytesMax: number | undefined,
): ProblemException {
  switch (status) {
    case 400:
      return new ProblemException('malformed-request', 'The request is not a valid HTTP request.', { cause });
    case 404:
      return new ProblemException('route-not-found', 'No endpoint has this path.', { cause });
    case 413:
      return bodyTooLargeProblem(cause, bodyBytesMax);
    case 415:
      return new ProblemException('unsupported-media-type', 'The body must be sent as application/json.', {
        cause,
      });
    default:
      return new ProblemException('internal-error', 'The service failed to process this request.', { cause });
  }
}

function bodyTooLargeProblem(cause: unknown, bodyBytesMax: number | undefined): ProblemException {
  const limit = bodyBytesMax === undefined ? 'this service allows' : `${bodyBytesMax.toString()} bytes`;
  return new ProblemException('payload-too-large', `The body is larger than ${limit}.`, { cause });
}

/** Finds the problem of whatever was thrown: ours, the HTTP adapter's, or a fault that nobody expected. */
import { HttpException } from '@nestjs/common';
import { ProblemException } from './problem.exception';

/** Errors that Fastify throws before a controller is reached (its documentation, "Errors"). */
const ADAPTER_ERRORS: Readonly<Record<string, AdapterProblemFactory>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: bodyTooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (cause) =>
    new ProblemException('unsupported-media-type', 'The body must be sent as application/json.', { cause }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (cause) =>
    new ProblemException('malformed-request', 'The body did not have the announced length.', { cause }),
  FST_ERR_BAD_URL: (cause) =>
    new ProblemException('malformed-request', 'The path is not UTF-8 in percent-encoding.', { cause }),
};

interface AdapterError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
}

type AdapterProblemFactory = (cause: unknown, bodyBytesMax: number | undefined) => ProblemException;

/** @param bodyBytesMax the limit to tell when the body was over it */
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
      return new ProblemException('malformed-request', 'The request could not be read.', { cause });
    case 404:
      return new ProblemException('route-not-found', 'No endpoint has this path.', { cause });
    case 413:
      return bodyTooLarge(cause, bodyBytesMax);
    case 415:
      return new ProblemException('unsupported-media-type', 'The body must be sent as application/json.', {
        cause,
      });
    default:
      return new ProblemException('internal-error', 'The service failed to answer this request.', { cause });
  }
}

function bodyTooLarge(cause: unknown, bodyBytesMax: number | undefined): ProblemException {
  const limit = bodyBytesMax === undefined ? 'this service accepts' : `${bodyBytesMax.toString()} bytes`;
  return new ProblemException('payload-too-large', `The body is larger than ${limit}.`, { cause });
}

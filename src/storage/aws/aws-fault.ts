/** What a call to AWS failed of, in the terms that operators need, and whether it may have been carried out all the same. */

export type AwsService = 'S3' | 'DynamoDB';

/** `missing` is a bucket or table, never an object or item. */
export type AwsFault = 'missing' | 'denied' | 'throttled' | 'unreachable' | 'failed';

interface Fault {
  readonly name?: string;
  /** Of Node. */
  readonly code?: string;
  /** Of the SDK: whose fault it is, in an answer of the service. */
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const named = (...names: string[]): ReadonlySet<string> => new Set(names);
/** `NotFound` is all that an answer to HEAD can say; where it may be an object, the adapters look at it themselves. */
const MISSING = named('NoSuchBucket', 'ResourceNotFoundException', 'NotFound');
const THROTTLED = named(
  ...['ThrottlingException', 'ThrottledException', 'Throttling', 'TooManyRequestsException', 'SlowDown'],
  ...[
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'RequestThrottled',
    'LimitExceededException',
  ],
);
const DENIED = named(
  ...['AccessDenied', 'AccessDeniedException', 'Forbidden', 'InvalidAccessKeyId', 'SignatureDoesNotMatch'],
  ...['UnrecognizedClientException', 'IncompleteSignature', 'InvalidSignatureException', 'AllAccessDisabled'],
  ...[
    'ExpiredToken',
    'ExpiredTokenException',
    'InvalidToken',
    'InvalidClientTokenId',
    'MissingAuthenticationToken',
  ],
  ...['CredentialsProviderError', 'TokenProviderError', 'RequestTimeTooSkewed'],
);
/** The connection was not made, so that nothing was sent on it. */
const UNCONNECTED = named('ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH');
const CUT = named('ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE');

export function faultOf(error: unknown): AwsFault {
  const { name = '', code = '', $metadata } = error as Fault;
  if (MISSING.has(name)) return 'missing';
  if (THROTTLED.has(name) || $metadata?.httpStatusCode === 429) return 'throttled';
  if (DENIED.has(name) || $metadata?.httpStatusCode === 403) return 'denied';
  if (UNCONNECTED.has(code) || CUT.has(code) || name === 'TimeoutError' || name === 'AbortError')
    return 'unreachable';
  return 'failed';
}

/** Whether this answer, or this lack of one, rules out that the request was carried out. */
export function wasRefused(error: unknown): boolean {
  const { name = '', code = '', $fault, $metadata } = error as Fault;
  if (THROTTLED.has(name) || DENIED.has(name) || UNCONNECTED.has(code)) return true;
  return $fault === 'client' && ($metadata?.httpStatusCode ?? 500) < 500;
}

/** A sentence without names, for health. */
export function explain(service: AwsService, fault: AwsFault): string {
  switch (fault) {
    case 'missing':
      return `${service} has no such ${service === 'S3' ? 'bucket' : 'table'}.`;
    case 'denied':
      return `${service} refuses access.`;
    case 'throttled':
      return `${service} refuses for too many requests.`;
    case 'unreachable':
      return `${service} cannot be reached.`;
    case 'failed':
      return `${service} does not work.`;
  }
}

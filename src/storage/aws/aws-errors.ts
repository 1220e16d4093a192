import { CONNECT_ERROR_CODES } from '../../common/http/connect-errors';

export type AwsService = 'S3' | 'DynamoDB' | 'SQS';

/** `missing`: the bucket, table or queue does not exist; `no index`: the table lacks an index that the service needs. */
export type AwsErrorClass = 'missing' | 'no index' | 'denied' | 'throttled' | 'unreachable' | 'failed';

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  /** Set by Node. */
  readonly code?: string;
  /** Set by the SDK if the service responded: which side caused the error. */
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const named = (...names: string[]): ReadonlySet<string> => new Set(names);
/** HEAD requests fail with a plain `NotFound`. Adapters that request objects with HEAD handle it themselves. */
const MISSING = named(
  'NoSuchBucket',
  'ResourceNotFoundException',
  'NotFound',
  // The names in the two SQS protocols (JSON and query).
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
);
/** DynamoDB has no error code for a missing index. */
const NO_INDEX = /does not have the specified index|backfilling global secondary index/i;
const THROTTLED = named(
  'ThrottlingException',
  'ThrottledException',
  'Throttling',
  'TooManyRequestsException',
  'SlowDown',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'LimitExceededException',
);
const DENIED = named(
  'AccessDenied',
  'AccessDeniedException',
  'Forbidden',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
  'IncompleteSignature',
  'InvalidSignatureException',
  'AllAccessDisabled',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'InvalidClientTokenId',
  'MissingAuthenticationToken',
  'CredentialsProviderError',
  'TokenProviderError',
  'RequestTimeTooSkewed',
);
const BROKEN_CONNECTION = named(
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
  'ERR_STREAM_PREMATURE_CLOSE',
);

export function classifyAwsError(error: unknown): AwsErrorClass {
  const { name = '', message = '', code = '', $metadata } = error as SdkError;
  if (MISSING.has(name)) return 'missing';
  if (name === 'ValidationException' && NO_INDEX.test(message)) return 'no index';
  if (THROTTLED.has(name) || $metadata?.httpStatusCode === 429) return 'throttled';
  if (DENIED.has(name) || $metadata?.httpStatusCode === 403) return 'denied';
  if (
    CONNECT_ERROR_CODES.has(code) ||
    BROKEN_CONNECTION.has(code) ||
    name === 'TimeoutError' ||
    name === 'AbortError'
  )
    return 'unreachable';
  return 'failed';
}

/** Whether this error rules out that AWS carried out the request. */
export function wasRejectedByAws(error: unknown): boolean {
  const { name = '', code = '', $fault, $metadata } = error as SdkError;
  if (THROTTLED.has(name) || DENIED.has(name) || CONNECT_ERROR_CODES.has(code)) return true;
  return $fault === 'client' && ($metadata?.httpStatusCode ?? 500) < 500;
}

const RESOURCES: Record<AwsService, string> = { S3: 'bucket', DynamoDB: 'table', SQS: 'queue' };

/** A sentence for the health endpoint, without names of resources. */
export function explain(service: AwsService, errorClass: AwsErrorClass): string {
  switch (errorClass) {
    case 'missing':
      return `${service} has no such ${RESOURCES[service]}.`;
    case 'no index':
      return `The ${service} ${RESOURCES[service]} lacks one of its indexes.`;
    case 'denied':
      return `${service} denies access.`;
    case 'throttled':
      return `${service} throttles requests.`;
    case 'unreachable':
      return `${service} cannot be reached.`;
    case 'failed':
      return `${service} returned an error.`;
  }
}

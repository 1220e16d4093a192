/** What a call to AWS failed of, in the terms that operators need, and whether it may have been carried out all the same. */
import { CONNECT_ERROR_CODES } from '../../common/http/connect-errors';

export type AwsService = 'S3' | 'DynamoDB' | 'SQS';

/** `missing` is a bucket, a table or a queue, never an object or item; `no index` is a table without one that it needs. */
export type AwsErrorClass = 'missing' | 'no index' | 'denied' | 'throttled' | 'unreachable' | 'failed';

interface Fault {
  readonly name?: string;
  readonly message?: string;
  /** Of Node. */
  readonly code?: string;
  /** Of the SDK: whose fault it is, in an answer of the service. */
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const named = (...names: string[]): ReadonlySet<string> => new Set(names);
/** `NotFound` is all that an answer to HEAD can say; where it may be an object, the adapters look at it themselves. */
const MISSING = named(
  ...['NoSuchBucket', 'ResourceNotFoundException', 'NotFound'],
  // As SQS calls it in either of its protocols.
  ...['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'],
);
/** DynamoDB has no error of its own for it. */
const NO_INDEX = /does not have the specified index|backfilling global secondary index/i;
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
const CUT = named('ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE');

export function classifyAwsError(error: unknown): AwsErrorClass {
  const { name = '', message = '', code = '', $metadata } = error as Fault;
  if (MISSING.has(name)) return 'missing';
  if (name === 'ValidationException' && NO_INDEX.test(message)) return 'no index';
  if (THROTTLED.has(name) || $metadata?.httpStatusCode === 429) return 'throttled';
  if (DENIED.has(name) || $metadata?.httpStatusCode === 403) return 'denied';
  if (CONNECT_ERROR_CODES.has(code) || CUT.has(code) || name === 'TimeoutError' || name === 'AbortError')
    return 'unreachable';
  return 'failed';
}

/** Whether this answer, or this lack of one, rules out that the request was carried out. */
export function wasRejectedByAws(error: unknown): boolean {
  const { name = '', code = '', $fault, $metadata } = error as Fault;
  if (THROTTLED.has(name) || DENIED.has(name) || CONNECT_ERROR_CODES.has(code)) return true;
  return $fault === 'client' && ($metadata?.httpStatusCode ?? 500) < 500;
}

/** What a service keeps for us. */
const PARTS: Record<AwsService, string> = { S3: 'bucket', DynamoDB: 'table', SQS: 'queue' };

/** A sentence without names, for health. */
export function explain(service: AwsService, fault: AwsErrorClass): string {
  switch (fault) {
    case 'missing':
      return `${service} has no such ${PARTS[service]}.`;
    case 'no index':
      return `${service} has the ${PARTS[service]} without one of its indexes.`;
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

/** The errors of AWS and of the way there, told apart. */
import { type AwsErrorClass, explain, classifyAwsError, wasRejectedByAws } from './aws-errors';

const answer = (name: string, httpStatusCode: number, message = ''): object => ({
  ...{ name, message },
  $fault: httpStatusCode < 500 ? 'client' : 'server',
  $metadata: { httpStatusCode },
});
const ofNode = (code: string): Error => Object.assign(new Error(code), { code });

describe('A fault of AWS', () => {
  it.each<[AwsErrorClass, string, object, boolean]>([
    ['missing', 'a bucket that is not there', answer('NoSuchBucket', 404), true],
    ['missing', 'a bucket that is not there, to HEAD', answer('NotFound', 404), true],
    ['missing', 'a table that is not there', answer('ResourceNotFoundException', 400), true],
    ['missing', 'a queue that is not there', answer('QueueDoesNotExist', 400), true],
    [
      ...(['missing', 'a queue that is not there, as others say it'] as const),
      answer('AWS.SimpleQueueService.NonExistentQueue', 400),
      true,
    ],
    [
      ...(['no index', 'a table that is older than its newest index'] as const),
      answer('ValidationException', 400, 'The table does not have the specified index: due_by_bucket'),
      true,
    ],
    ['denied', 'no permission', answer('AccessDeniedException', 400), true],
    ['denied', 'no permission, to HEAD', answer('Unknown', 403), true],
    ['denied', 'no credentials', { name: 'CredentialsProviderError' }, true],
    ['denied', 'credentials that have expired', answer('ExpiredTokenException', 400), true],
    ['throttled', 'too much for the table', answer('ProvisionedThroughputExceededException', 400), true],
    ['throttled', 'too much for the bucket', answer('SlowDown', 503), true],
    ['unreachable', 'nobody who listens', ofNode('ECONNREFUSED'), true],
    ['unreachable', 'a name that nobody has', ofNode('ENOTFOUND'), true],
    ['unreachable', 'a connection that was cut', ofNode('ECONNRESET'), false],
    ['unreachable', 'no answer in time', { name: 'TimeoutError' }, false],
    ['failed', 'a fault of the service', answer('InternalServerError', 500), false],
    ['failed', 'a request that is not understood', answer('ValidationException', 400), true],
    ['failed', 'something else', new Error('other'), false],
  ])('is %s: %s', (fault, _what, error, refused) => {
    expect(classifyAwsError(error)).toBe(fault);
    expect(wasRejectedByAws(error)).toBe(refused);
  });

  it('has a sentence of its own for each part', () => {
    const faults: AwsErrorClass[] = ['missing', 'no index', 'denied', 'throttled', 'unreachable', 'failed'];
    const sentences = faults.flatMap((fault) =>
      (['S3', 'DynamoDB', 'SQS'] as const).map((part) => explain(part, fault)),
    );
    expect(new Set(sentences).size).toBe(18);
    expect(explain('S3', 'missing')).toBe('S3 has no such bucket.');
    expect(explain('DynamoDB', 'missing')).toBe('DynamoDB has no such table.');
    expect(explain('SQS', 'missing')).toBe('SQS has no such queue.');
    expect(explain('DynamoDB', 'no index')).toBe('DynamoDB has the table without one of its indexes.');
  });
});

import { type AwsErrorClass, explain, classifyAwsError, wasRejectedByAws } from './aws-errors';

const response = (name: string, httpStatusCode: number, message = ''): object => ({
  name,
  message,
  $fault: httpStatusCode < 500 ? 'client' : 'server',
  $metadata: { httpStatusCode },
});
const nodeError = (code: string): Error => Object.assign(new Error(code), { code });

describe('An error of an AWS call', () => {
  it.each<[AwsErrorClass, string, object, boolean]>([
    ['missing', 'a missing bucket', response('NoSuchBucket', 404), true],
    ['missing', 'a missing bucket in a HEAD request', response('NotFound', 404), true],
    ['missing', 'a missing table', response('ResourceNotFoundException', 400), true],
    ['missing', 'a missing queue', response('QueueDoesNotExist', 400), true],
    [
      'missing',
      'a missing queue in the query protocol',
      response('AWS.SimpleQueueService.NonExistentQueue', 400),
      true,
    ],
    [
      'no index',
      'a table without its newest index',
      response('ValidationException', 400, 'The table does not have the specified index: due_by_bucket'),
      true,
    ],
    ['denied', 'no permission', response('AccessDeniedException', 400), true],
    ['denied', 'no permission in a HEAD request', response('Unknown', 403), true],
    ['denied', 'no credentials', { name: 'CredentialsProviderError' }, true],
    ['denied', 'expired credentials', response('ExpiredTokenException', 400), true],
    [
      'throttled',
      'too many calls for the table',
      response('ProvisionedThroughputExceededException', 400),
      true,
    ],
    ['throttled', 'too many calls for the bucket', response('SlowDown', 503), true],
    ['unreachable', 'a refused connection', nodeError('ECONNREFUSED'), true],
    ['unreachable', 'an unknown host name', nodeError('ENOTFOUND'), true],
    ['unreachable', 'a broken connection', nodeError('ECONNRESET'), false],
    ['unreachable', 'a timeout', { name: 'TimeoutError' }, false],
    ['failed', 'an internal error', response('InternalServerError', 500), false],
    ['failed', 'an invalid request', response('ValidationException', 400), true],
    ['failed', 'another error', new Error('other'), false],
  ])('is “%s” for %s', (errorClass, _what, error, isRejected) => {
    expect(classifyAwsError(error)).toBe(errorClass);
    expect(wasRejectedByAws(error)).toBe(isRejected);
  });

  it('has a different sentence for each class and service', () => {
    const classes: AwsErrorClass[] = ['missing', 'no index', 'denied', 'throttled', 'unreachable', 'failed'];
    const sentences = classes.flatMap((errorClass) =>
      (['S3', 'DynamoDB', 'SQS'] as const).map((service) => explain(service, errorClass)),
    );
    expect(new Set(sentences).size).toBe(18);
    expect(explain('S3', 'missing')).toBe('S3 has no such bucket.');
    expect(explain('DynamoDB', 'missing')).toBe('DynamoDB has no such table.');
    expect(explain('SQS', 'missing')).toBe('SQS has no such queue.');
    expect(explain('DynamoDB', 'no index')).toBe('The DynamoDB table lacks one of its indexes.');
  });
});

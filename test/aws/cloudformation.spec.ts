import { DEAD_LETTER_QUEUE_ATTRIBUTES, queueAttributes } from '../../src/storage/aws/queue';
import { TTL_ATTRIBUTE, tableDefinition } from '../../src/storage/aws/table';
import { lintTemplate, readTemplate } from './template';

/** Days after its expiry within which DynamoDB deletes a job. */
const JOB_DELETION_DAYS_MAX = 7;

describe('deploy/cloudformation.yaml', () => {
  const { Parameters, Mappings, Resources, Outputs } = readTemplate();
  const propertiesOf = (name: string): Readonly<Record<string, unknown>> => Resources[name]?.Properties ?? {};

  it('satisfies cfn-lint', () => {
    expect(lintTemplate()).toBe('');
  });

  it('defines the same table as AWS_BOOTSTRAP, retained, encrypted and with point-in-time recovery', () => {
    const { TableName: _, ...definition } = tableDefinition('name');
    expect(propertiesOf('Table')).toEqual({
      TableName: { Ref: 'TableName' },
      ...definition,
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
    for (const name of ['Table', 'Bucket']) expect(Resources[name]?.DeletionPolicy).toBe('Retain');
  });

  it('defines the same queues as AWS_BOOTSTRAP, and outputs their names for alarms', () => {
    expect(propertiesOf('Queue')).toEqual({
      QueueName: { Ref: 'QueueName' },
      ...queueAttributes({ 'Fn::GetAtt': ['DeadQueue', 'Arn'] }),
    });
    expect(propertiesOf('DeadQueue')).toEqual({
      QueueName: { 'Fn::Sub': '${QueueName}-dead' },
      ...DEAD_LETTER_QUEUE_ATTRIBUTES,
    });
    for (const name of ['Queue', 'DeadQueue'])
      expect(Outputs[`${name}Name`]?.Value).toEqual({ 'Fn::GetAtt': [name, 'QueueName'] });
  });

  it('denies access to the queues without TLS', () => {
    expect(propertiesOf('QueuePolicy')['Queues']).toEqual([{ Ref: 'Queue' }, { Ref: 'DeadQueue' }]);
    expect(Resources['QueuePolicy']?.Properties.PolicyDocument?.Statement).toMatchObject([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  it('defines a private, encrypted bucket and denies access without TLS', () => {
    expect(propertiesOf('Bucket')).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
    expect(Resources['BucketPolicy']?.Properties.PolicyDocument?.Statement).toMatchObject([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  it('deletes code, logs and requests only after their jobs have expired and been deleted', () => {
    const days = { 'Fn::FindInMap': ['ObjectRetention', { Ref: 'JobRetentionDays' }, 'Days'] };
    expect(propertiesOf('Bucket')['LifecycleConfiguration']).toMatchObject({
      Rules: [
        { Status: 'Enabled', Prefix: 'uploads/', ExpirationInDays: days },
        { Status: 'Enabled', Prefix: 'logs/', ExpirationInDays: days },
        { Status: 'Enabled', Prefix: 'requests/', ExpirationInDays: days },
        { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
      ],
    });
    const choices = Parameters['JobRetentionDays']?.AllowedValues ?? [];
    expect(Mappings['ObjectRetention']).toEqual(
      Object.fromEntries(choices.map((choice) => [choice, { Days: Number(choice) + JOB_DELETION_DAYS_MAX }])),
    );
  });
});

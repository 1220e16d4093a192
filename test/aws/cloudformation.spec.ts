/** The template of deploy/ against the table of the source, and what it promises of the bucket. */
import { tableDefinition } from '../../src/storage/aws/table';
import { TTL_ATTRIBUTE } from '../../src/storage/aws/table';
import { lintTemplate, readTemplate } from './template';

/** Days that an expired job may still be there. */
const JOB_LINGERS_DAYS = 7;

describe('deploy/cloudformation.yaml', () => {
  const { Parameters, Mappings, Resources } = readTemplate();
  const propertiesOf = (name: string): Readonly<Record<string, unknown>> => Resources[name]?.Properties ?? {};

  it('satisfies cfn-lint', () => {
    expect(lintTemplate()).toBe('');
  });

  it('makes the table that the service makes for development, kept and restorable', () => {
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

  it('makes a bucket that is private, encrypted, and reached over TLS alone', () => {
    expect(propertiesOf('Bucket')).toMatchObject({
      PublicAccessBlockConfiguration: {
        ...{ BlockPublicAcls: true, BlockPublicPolicy: true },
        ...{ IgnorePublicAcls: true, RestrictPublicBuckets: true },
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

  it('deletes code and logs, and only when no job can be there any more', () => {
    const days = { 'Fn::FindInMap': ['ObjectRetention', { Ref: 'JobRetentionDays' }, 'Days'] };
    expect(propertiesOf('Bucket')['LifecycleConfiguration']).toMatchObject({
      Rules: [
        { Status: 'Enabled', Prefix: 'uploads/', ExpirationInDays: days },
        { Status: 'Enabled', Prefix: 'logs/', ExpirationInDays: days },
        { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
      ],
    });
    const choices = Parameters['JobRetentionDays']?.AllowedValues ?? [];
    expect(Mappings['ObjectRetention']).toEqual(
      Object.fromEntries(choices.map((choice) => [choice, { Days: Number(choice) + JOB_LINGERS_DAYS }])),
    );
  });
});

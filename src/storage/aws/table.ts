/** The keys, indexes and attributes of the table. A test keeps deploy/cloudformation.yaml in step with them. */
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

export const PARTITION_KEY = 'job_id';
export const TTL_ATTRIBUTE = 'expires_at';

/**
 * The index behind the list of jobs: newest first within each of JOB_LIST_SHARDS buckets. Jobs are spread over the buckets by
 * random bits of their ids, so that no partition takes all writes (docs/scaling.md). The keys of an entry never change, so it
 * keeps its position while the job changes, and no page returns it twice.
 */
export const LIST_INDEX = 'jobs_by_bucket';
export const BUCKET = 'list_bucket';

/**
 * The index of items with a due time, ordered by it within as many buckets. It is sparse: only items that the reconciler must
 * handle are in it. Webhooks have negative buckets, so that queries for jobs and for webhooks do not find each other's items.
 */
export const DUE_INDEX = 'due_by_bucket';
export const DUE_BUCKET = 'due_bucket';
export const DUE_AT = 'due_at';

/** The attributes that lists return. Without the output, which would make each index entry as large as the job. */
export const LISTED_ATTRIBUTES = [
  'language',
  's3_key',
  'project',
  'function_name',
  'description',
  'code_bytes',
  'created_at',
  'status',
  'verdict',
  'attempt',
  'timeout_ms',
  'updated_at',
  'started_at',
  'completed_at',
  'logs_attempt',
  'error_message',
  'outcome',
  'fence',
] as const;

export const tableDefinition = (table: string): CreateTableCommandInput => ({
  TableName: table,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: PARTITION_KEY, AttributeType: 'S' },
    { AttributeName: BUCKET, AttributeType: 'N' },
    { AttributeName: DUE_BUCKET, AttributeType: 'N' },
    { AttributeName: DUE_AT, AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: PARTITION_KEY, KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: LIST_INDEX,
      KeySchema: [
        { AttributeName: BUCKET, KeyType: 'HASH' },
        { AttributeName: PARTITION_KEY, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...LISTED_ATTRIBUTES] },
    },
    {
      IndexName: DUE_INDEX,
      KeySchema: [
        { AttributeName: DUE_BUCKET, KeyType: 'HASH' },
        { AttributeName: DUE_AT, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
});

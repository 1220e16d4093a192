/** The table: its keys, its index, its attributes. deploy/cloudformation.yaml says the same; a test compares them. */
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

export const PARTITION_KEY = 'job_id';
export const TTL_ATTRIBUTE = 'expires_at';

/**
 * The index behind the list of jobs: newest first within each of JOB_LIST_SHARDS buckets, over which the jobs are spread
 * by a hash of their ids, so that no partition takes all the writes (docs/scaling.md). Neither key ever changes: an entry
 * stays in its place whatever happens to the job, and a page never meets it twice.
 */
export const LIST_INDEX = 'jobs_by_bucket';
export const BUCKET = 'list_bucket';

/**
 * The index behind what is due, by time, within as many buckets. It is sparse: only items that somebody has to look after
 * are in it. Callbacks have buckets below zero, so that neither kind finds the other.
 */
export const DUE_INDEX = 'due_by_bucket';
export const DUE_BUCKET = 'due_bucket';
export const DUE_AT = 'due_at';

/** What lists show. The output is not among it: it would make each entry of the index as large as the job. */
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

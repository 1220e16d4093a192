import { isDeepStrictEqual } from 'node:util';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { Injectable } from '@nestjs/common';
import { AwsSettings } from '../../config/settings';
import type { Job, JobState } from '../../jobs/job';
import {
  type JobFieldUpdate,
  type TransitionGuard,
  type JobFilter,
  type JobPage,
  JobRepository,
  type TransitionResult,
} from '../../jobs/job.repository';
import { resolveUpdateConflict, resolveConflict } from '../resolve-conflict';
import { AwsCalls } from './aws-calls';
import { AwsClients, PING_MS_MAX } from './aws-clients';
import type { IndexBucketPart, ReadPart } from './index-bucket-reader';
import { buildDueQuery, buildListQuery, buildTransitionUpdate } from './job-expressions';
import {
  type Attributes,
  fieldUpdateToAttributes,
  itemToJob,
  jobToItem,
  stateToAttributes,
} from './job-item';
import { readMergedPage } from './merged-page';
import { DUE_AT, DUE_INDEX, LIST_INDEX, PARTITION_KEY } from './table';

/** Jobs in DynamoDB, one item each. */
@Injectable()
export class DynamoJobRepository extends JobRepository {
  private readonly client: DynamoDBDocumentClient;

  constructor(
    private readonly settings: AwsSettings,
    clients: AwsClients,
    private readonly calls: AwsCalls,
  ) {
    super();
    this.client = clients.dynamo;
  }

  async create(job: Job): Promise<void> {
    const { listShards, retentionDays } = this.settings;
    const command = new PutCommand({
      TableName: this.settings.table,
      Item: await jobToItem(job, listShards, retentionDays),
      ConditionExpression: `attribute_not_exists(${PARTITION_KEY})`,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await this.calls.run('DynamoDB', async () => {
      try {
        await this.client.send(command);
      } catch (error) {
        // An earlier attempt may have lost its response. Then the stored job is this one.
        if (!isDeepStrictEqual(await jobInFailedCondition(error), job)) throw error;
      }
    });
  }

  async find(jobId: string): Promise<Job | undefined> {
    const command = new GetCommand({ ...this.keyOf(jobId), ConsistentRead: true });
    const { Item } = await this.calls.run('DynamoDB', () => this.client.send(command));
    return Item && itemToJob(Item);
  }

  async transition(jobId: string, guard: TransitionGuard, to: JobState): Promise<TransitionResult> {
    const attributes = await stateToAttributes(to, jobId, this.settings.listShards);
    return this.update(jobId, guard, attributes, (current) => resolveConflict(current, to));
  }

  updateFields(jobId: string, guard: TransitionGuard, update: JobFieldUpdate): Promise<TransitionResult> {
    const attributes = fieldUpdateToAttributes(update, jobId, this.settings.listShards);
    return this.update(jobId, guard, attributes, (current) => resolveUpdateConflict(current, guard, update));
  }

  async findDue(now: string, limit: number): Promise<readonly string[]> {
    const items = await this.calls.run('DynamoDB', () =>
      Promise.all(
        this.buckets().map(async (bucket) => {
          const command = new QueryCommand({
            TableName: this.settings.table,
            IndexName: DUE_INDEX,
            Limit: limit,
            ...buildDueQuery(bucket, now),
          });
          return (await this.client.send(command)).Items ?? [];
        }),
      ),
    );
    const due = items.flat() as { [PARTITION_KEY]: string; [DUE_AT]: string }[];
    return due
      .sort((one, other) => (one[DUE_AT] < other[DUE_AT] ? -1 : 1))
      .slice(0, limit)
      .map((item) => item[PARTITION_KEY]);
  }

  async list(filter: JobFilter, limit: number, after: string | undefined): Promise<JobPage> {
    const readers = this.buckets().map((bucket) => this.readerOf(bucket, filter));
    const page = await this.calls.run('DynamoDB', () => readMergedPage(readers, limit, after));
    return { jobs: await Promise.all(page.items.map(itemToJob)), nextAfter: page.nextAfter };
  }

  /** Reads the table and both indexes, with the permissions that the service needs anyway. */
  async ping(): Promise<void> {
    const abortSignal = AbortSignal.timeout(PING_MS_MAX);
    const get = new GetCommand(this.keyOf('ping'));
    const reads = { TableName: this.settings.table, Limit: 1 };
    const listQuery = buildListQuery(0, {}, undefined);
    const list = new QueryCommand({ ...reads, IndexName: LIST_INDEX, ...listQuery });
    const dueQuery = buildDueQuery(0, new Date().toISOString());
    const due = new QueryCommand({ ...reads, IndexName: DUE_INDEX, ...dueQuery });
    await this.calls.run('DynamoDB', () =>
      Promise.all([
        this.client.send(get, { abortSignal }),
        this.client.send(list, { abortSignal }),
        this.client.send(due, { abortSignal }),
      ]),
    );
  }

  private buckets(): number[] {
    return Array.from({ length: this.settings.listShards }, (_, bucket) => bucket);
  }

  /** @param onConflict returns the result if the guard does not hold for the stored job */
  private update(
    jobId: string,
    guard: TransitionGuard,
    attributes: Attributes,
    onConflict: (current: Job | undefined) => TransitionResult,
  ): Promise<TransitionResult> {
    const command = new UpdateCommand({
      ...this.keyOf(jobId),
      ...buildTransitionUpdate(guard, attributes),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return this.calls.run('DynamoDB', async () => {
      try {
        const { Attributes: item = {} } = await this.client.send(command);
        return { kind: 'changed', job: await itemToJob(item) };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return onConflict(await jobInFailedCondition(error));
      }
    });
  }

  private keyOf(jobId: string): { TableName: string; Key: Attributes } {
    return { TableName: this.settings.table, Key: { [PARTITION_KEY]: jobId } };
  }

  private readerOf(bucket: number, filter: JobFilter): ReadPart {
    return async (after, limit): Promise<IndexBucketPart> => {
      const command = new QueryCommand({
        TableName: this.settings.table,
        IndexName: LIST_INDEX,
        Limit: limit,
        ...buildListQuery(bucket, filter, after),
      });
      const { Items = [], LastEvaluatedKey, ScannedCount = 0 } = await this.client.send(command);
      return {
        items: Items,
        lastId: LastEvaluatedKey?.[PARTITION_KEY] as string | undefined,
        evaluated: ScannedCount,
      };
    };
  }
}

/** The job that violated the condition; undefined if there was none. */
async function jobInFailedCondition(error: unknown): Promise<Job | undefined> {
  if (!(error instanceof ConditionalCheckFailedException) || !error.Item) return undefined;
  return itemToJob(unmarshall(error.Item));
}

/** Requests with an Idempotency-Key in DynamoDB, beside the jobs. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { Injectable } from '@nestjs/common';
import { AwsSettings } from '../../config/settings';
import {
  type IdempotencyRecord,
  IdempotencyRepository,
  type StoredResponse,
  latestExpiredCreation,
} from '../../jobs/idempotency.repository';
import { AwsCalls } from './aws-calls';
import { AwsClients } from './aws-clients';
import { type IdempotencyItem, itemToRecord, keyOf, recordToItem } from './idempotency-item';
import { PARTITION_KEY } from './table';

/** Before every time: a record that was released counts as none. */
const NEVER = '0000';

const IS_ABSENT = `attribute_not_exists(${PARTITION_KEY})`;
/** What is forgotten has another plan, unless it was released: then this claim is an attempt that arrives late. */
const IS_FORGOTTEN = '#created_at <= :forgotten_at AND #plan <> :plan';
const IS_SAME_WITHOUT_ANSWER = '#plan = :plan AND attribute_not_exists(#answer)';

@Injectable()
export class DynamoIdempotencyRepository extends IdempotencyRepository {
  private readonly client: DynamoDBDocumentClient;

  constructor(
    private readonly settings: AwsSettings,
    clients: AwsClients,
    private readonly calls: AwsCalls,
  ) {
    super();
    this.client = clients.dynamo;
  }

  async claim(record: IdempotencyRecord): Promise<IdempotencyRecord> {
    const Item = await recordToItem(record);
    const command = new PutCommand({
      TableName: this.settings.table,
      Item,
      ConditionExpression: `${IS_ABSENT} OR (${IS_FORGOTTEN})`,
      ExpressionAttributeNames: { '#created_at': 'created_at', '#plan': 'plan' },
      ExpressionAttributeValues: {
        ':forgotten_at': latestExpiredCreation(record.createdAt),
        ':plan': Item.plan,
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    // It is this very record when the answer to an attempt was lost.
    const found = await this.findConflict(() => this.client.send(command));
    return found ? itemToRecord(found) : record;
  }

  async complete(record: IdempotencyRecord, answer: StoredResponse): Promise<StoredResponse> {
    const Item = await recordToItem({ ...record, answer });
    const command = new PutCommand({
      TableName: this.settings.table,
      Item,
      ConditionExpression: `${IS_ABSENT} OR (${IS_SAME_WITHOUT_ANSWER})`,
      ExpressionAttributeNames: { '#plan': 'plan', '#answer': 'answer' },
      ExpressionAttributeValues: { ':plan': Item.plan },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const found = await this.findConflict(() => this.client.send(command));
    return (found?.plan === Item.plan && (await itemToRecord(found)).answer) || answer;
  }

  /** Takes no permission to delete: what it leaves, a claim takes over, or DynamoDB deletes in its time. */
  async release({ id, plan }: IdempotencyRecord): Promise<void> {
    const command = new UpdateCommand({
      TableName: this.settings.table,
      Key: keyOf(id),
      UpdateExpression: 'SET #created_at = :never',
      ConditionExpression: IS_SAME_WITHOUT_ANSWER,
      ExpressionAttributeNames: { '#created_at': 'created_at', '#plan': 'plan', '#answer': 'answer' },
      ExpressionAttributeValues: { ':never': NEVER, ':plan': JSON.stringify(plan) },
    });
    await this.findConflict(() => this.client.send(command));
  }

  /** The item for which the condition of a write does not hold; undefined when it was written, or there was none. */
  private findConflict(write: () => Promise<unknown>): Promise<IdempotencyItem | undefined> {
    return this.calls.run('DynamoDB', async () => {
      try {
        await write();
        return undefined;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return error.Item && (unmarshall(error.Item) as IdempotencyItem);
      }
    });
  }
}

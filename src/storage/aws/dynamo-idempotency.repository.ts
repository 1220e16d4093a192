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

/** Sorts before every time, so that a released record counts as expired. */
const NEVER = '0000';

const IS_ABSENT = `attribute_not_exists(${PARTITION_KEY})`;
/** Excludes a released record with the plan of the claim: then the claim is a late attempt of the request that released it. */
const IS_EXPIRED = '#created_at <= :latest_expired AND #plan <> :plan';
const IS_SAME_WITHOUT_RESPONSE = '#plan = :plan AND attribute_not_exists(#answer)';

/** Idempotency records in the table of jobs. */
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
      ConditionExpression: `${IS_ABSENT} OR (${IS_EXPIRED})`,
      ExpressionAttributeNames: { '#created_at': 'created_at', '#plan': 'plan' },
      ExpressionAttributeValues: {
        ':latest_expired': latestExpiredCreation(record.createdAt),
        ':plan': Item.plan,
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    // If an earlier attempt lost its response, the stored record is this one.
    const found = await this.findConflict(() => this.client.send(command));
    return found ? itemToRecord(found) : record;
  }

  async complete(record: IdempotencyRecord, response: StoredResponse): Promise<StoredResponse> {
    const Item = await recordToItem({ ...record, response });
    const command = new PutCommand({
      TableName: this.settings.table,
      Item,
      ConditionExpression: `${IS_ABSENT} OR (${IS_SAME_WITHOUT_RESPONSE})`,
      ExpressionAttributeNames: { '#plan': 'plan', '#answer': 'answer' },
      ExpressionAttributeValues: { ':plan': Item.plan },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const found = await this.findConflict(() => this.client.send(command));
    const stored = found?.plan === Item.plan ? (await itemToRecord(found)).response : null;
    return stored ?? response;
  }

  /** Updates instead of deleting, so that the service needs no permission to delete. A claim replaces the record, or it expires. */
  async release({ id, plan }: IdempotencyRecord): Promise<void> {
    const command = new UpdateCommand({
      TableName: this.settings.table,
      Key: keyOf(id),
      UpdateExpression: 'SET #created_at = :never',
      ConditionExpression: IS_SAME_WITHOUT_RESPONSE,
      ExpressionAttributeNames: { '#created_at': 'created_at', '#plan': 'plan', '#answer': 'answer' },
      ExpressionAttributeValues: { ':never': NEVER, ':plan': JSON.stringify(plan) },
    });
    await this.findConflict(() => this.client.send(command));
  }

  /** @returns the item that violated the condition; undefined if the write succeeded, or if there was no item */
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

import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { Injectable } from '@nestjs/common';
import { AwsSettings } from '../../config/settings';
import { type Webhook, WebhookRepository } from '../../jobs/webhook.repository';
import { AwsCalls } from './aws-calls';
import { AwsClients } from './aws-clients';
import { webhookBucket, webhookKey, webhookToItem, itemToWebhook } from './webhook-item';
import { buildDueQuery } from './job-expressions';
import type { Attributes } from './job-item';
import { DUE_AT, DUE_INDEX, PARTITION_KEY } from './table';

/** Webhooks in the table of jobs. */
@Injectable()
export class DynamoWebhookRepository extends WebhookRepository {
  private readonly client: DynamoDBDocumentClient;

  constructor(
    private readonly settings: AwsSettings,
    clients: AwsClients,
    private readonly calls: AwsCalls,
  ) {
    super();
    this.client = clients.dynamo;
  }

  async create(webhook: Webhook): Promise<void> {
    const command = new PutCommand({
      TableName: this.settings.table,
      Item: await webhookToItem(webhook, this.settings.listShards),
      ConditionExpression: `attribute_not_exists(${PARTITION_KEY})`,
    });
    await this.calls.run('DynamoDB', async () => {
      try {
        await this.client.send(command);
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    });
  }

  /** The index only has keys and is eventually consistent, so the items are read too, and their due times checked again. */
  findDue(now: string, limit: number): Promise<readonly Webhook[]> {
    return this.calls.run('DynamoDB', async () => {
      const entries = (
        await Promise.all(this.buckets().map((bucket) => this.findDueIn(bucket, now, limit)))
      ).flat();
      const mostOverdue = entries.sort(byDueAt).slice(0, limit);
      const items = await Promise.all(mostOverdue.map((entry) => this.read(entry[PARTITION_KEY])));
      const due = items.filter((item) => item !== undefined && (item[DUE_AT] as string) <= now);
      return Promise.all(due.map((item) => itemToWebhook(item as Attributes)));
    });
  }

  /**
   * Writes a random claim, because the condition can fail for two reasons: an earlier attempt of this call lost its response,
   * or another process was faster with the same arguments. The claim in the stored item shows which.
   */
  postpone(seen: Webhook, dueAt: string, tries: number): Promise<boolean> {
    const claim = randomUUID();
    const command = new UpdateCommand({
      ...this.keyOf(webhookKey(seen.id)),
      UpdateExpression: 'SET due_at = :due_at, tries = :tries, claim = :claim',
      ConditionExpression: 'due_at = :seen_due_at AND tries = :seen_tries',
      ExpressionAttributeValues: {
        ':due_at': dueAt,
        ':tries': tries,
        ':claim': claim,
        ':seen_due_at': seen.dueAt,
        ':seen_tries': seen.tries,
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return this.calls.run('DynamoDB', async () => {
      try {
        await this.client.send(command);
        return true;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return error.Item?.['claim']?.S === claim;
      }
    });
  }

  async remove(id: string): Promise<void> {
    const command = new DeleteCommand(this.keyOf(webhookKey(id)));
    await this.calls.run('DynamoDB', () => this.client.send(command));
  }

  private buckets(): number[] {
    return Array.from({ length: this.settings.listShards }, (_, bucket) => webhookBucket(bucket));
  }

  private async findDueIn(bucket: number, now: string, limit: number): Promise<readonly DueEntry[]> {
    const command = new QueryCommand({
      TableName: this.settings.table,
      IndexName: DUE_INDEX,
      Limit: limit,
      ...buildDueQuery(bucket, now),
    });
    return ((await this.client.send(command)).Items ?? []) as DueEntry[];
  }

  private async read(key: string): Promise<Attributes | undefined> {
    return (await this.client.send(new GetCommand({ ...this.keyOf(key), ConsistentRead: true }))).Item;
  }

  private keyOf(key: string): { TableName: string; Key: Attributes } {
    return { TableName: this.settings.table, Key: { [PARTITION_KEY]: key } };
  }
}

interface DueEntry {
  readonly [PARTITION_KEY]: string;
  readonly [DUE_AT]: string;
}

const byDueAt = (one: DueEntry, other: DueEntry): number => (one[DUE_AT] < other[DUE_AT] ? -1 : 1);

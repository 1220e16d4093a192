import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type GlobalSecondaryIndexDescription,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { TTL_ATTRIBUTE, tableDefinition } from '../table';
import { WAITER_SECONDS, exists, ignoringErrors } from './expected-errors';

/** Creates the table if it does not exist, and adds the indexes that an older version of the table lacks. */
export async function createTable(dynamo: DynamoDBDocumentClient, table: string): Promise<void> {
  const description = dynamo.send(new DescribeTableCommand({ TableName: table }));
  if (!(await exists(description, 'ResourceNotFoundException'))) {
    const created = dynamo.send(new CreateTableCommand(tableDefinition(table)));
    await ignoringErrors(created, 'ResourceInUseException');
  }
  // Another process may still be creating it.
  await waitUntilTableExists({ client: dynamo, ...WAITER_SECONDS }, { TableName: table });
  // Run these for an existing table too: the process that created it may have died before them.
  await enableTimeToLive(dynamo, table);
  await addMissingIndexes(dynamo, table);
}

async function enableTimeToLive(dynamo: DynamoDBDocumentClient, table: string): Promise<void> {
  const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName: table }));
  if (TimeToLiveDescription?.TimeToLiveStatus !== 'DISABLED') return;
  const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
  const enabled = dynamo.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
  await ignoringErrors(enabled, 'ValidationException');
}

/** Adds one index after the other: UpdateTable creates one at a time (Amazon DynamoDB API Reference, UpdateTable). */
async function addMissingIndexes(dynamo: DynamoDBDocumentClient, table: string): Promise<void> {
  const { AttributeDefinitions = [], GlobalSecondaryIndexes = [] } = tableDefinition(table);
  for (const index of GlobalSecondaryIndexes) {
    const isThisIndex = ({ IndexName }: GlobalSecondaryIndexDescription): boolean =>
      IndexName === index.IndexName;
    const isKey = ({ AttributeName = '' }): boolean =>
      index.KeySchema?.some((key) => key.AttributeName === AttributeName) ?? false;
    const update = new UpdateTableCommand({
      TableName: table,
      AttributeDefinitions: AttributeDefinitions.filter(isKey),
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
    await untilActive(async () => {
      const found = (await indexesOf(dynamo, table)).find(isThisIndex);
      // DynamoDB rejects the update while another process adds an index; untilActive() then repeats it.
      if (!found)
        await ignoringErrors(
          dynamo.send(update),
          'ResourceInUseException',
          'ValidationException',
          'LimitExceededException',
        );
      return found;
    });
  }
}

async function indexesOf(
  dynamo: DynamoDBDocumentClient,
  table: string,
): Promise<readonly GlobalSecondaryIndexDescription[]> {
  const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: table }));
  return Table?.GlobalSecondaryIndexes ?? [];
}

async function untilActive(find: () => Promise<GlobalSecondaryIndexDescription | undefined>): Promise<void> {
  const deadlineMs = Date.now() + WAITER_SECONDS.maxWaitTime * 1000;
  for (;;) {
    const status = (await find())?.IndexStatus ?? 'absent';
    if (status === 'ACTIVE') return;
    if (Date.now() > deadlineMs)
      throw new Error(
        `An index of the table is still ${status} after ${WAITER_SECONDS.maxWaitTime.toString()} s`,
      );
    await sleep(WAITER_SECONDS.minDelay * 1000);
  }
}

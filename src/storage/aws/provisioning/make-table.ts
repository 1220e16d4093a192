/** Makes the table where it is missing, and adds the indexes that an older one has not. */
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
import { WAIT, createOrAccept } from './provisioning';
import { TTL_ATTRIBUTE, tableDefinition } from '../table';

export async function makeTable(dynamo: DynamoDBDocumentClient, table: string): Promise<void> {
  const described = dynamo.send(new DescribeTableCommand({ TableName: table }));
  if (!(await createOrAccept(described, 'ResourceNotFoundException'))) {
    const created = dynamo.send(new CreateTableCommand(tableDefinition(table)));
    await createOrAccept(created, 'ResourceInUseException');
  }
  // Another process may be making it.
  await waitUntilTableExists({ client: dynamo, ...WAIT }, { TableName: table });
  // Also where a process made the table and died before these.
  await expireItems(dynamo, table);
  await addIndexes(dynamo, table);
}

async function expireItems(dynamo: DynamoDBDocumentClient, table: string): Promise<void> {
  const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName: table }));
  if (TimeToLiveDescription?.TimeToLiveStatus !== 'DISABLED') return;
  const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
  const enabled = dynamo.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
  await createOrAccept(enabled, 'ValidationException');
}

/** One after the other: DynamoDB makes one at a time (Amazon DynamoDB API Reference, UpdateTable). */
async function addIndexes(dynamo: DynamoDBDocumentClient, table: string): Promise<void> {
  const { AttributeDefinitions = [], GlobalSecondaryIndexes = [] } = tableDefinition(table);
  for (const index of GlobalSecondaryIndexes) {
    const isThis = ({ IndexName }: GlobalSecondaryIndexDescription): boolean => IndexName === index.IndexName;
    const isKey = ({ AttributeName = '' }): boolean =>
      index.KeySchema?.some((key) => key.AttributeName === AttributeName) ?? false;
    const update = new UpdateTableCommand({
      TableName: table,
      AttributeDefinitions: AttributeDefinitions.filter(isKey),
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
    await untilActive(async () => {
      const found = (await indexesOf(dynamo, table)).find(isThis);
      // Refused while another process is adding it, or anything: then it is asked for again until it is there.
      if (!found)
        await createOrAccept(
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
  const untilMs = Date.now() + WAIT.maxWaitTime * 1000;
  for (;;) {
    const status = (await find())?.IndexStatus ?? 'absent';
    if (status === 'ACTIVE') return;
    if (Date.now() > untilMs)
      throw new Error(`An index of the table is ${status} after ${WAIT.maxWaitTime.toString()} s`);
    await sleep(WAIT.minDelay * 1000);
  }
}

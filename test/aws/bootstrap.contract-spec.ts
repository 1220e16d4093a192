import { randomUUID } from 'node:crypto';
import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { AwsBootstrap } from '../../src/storage/aws/provisioning/aws-bootstrap';
import { AwsCalls } from '../../src/storage/aws/aws-calls';
import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { S3ObjectStore } from '../../src/storage/aws/s3-object.store';
import { SqsExecutionQueue } from '../../src/storage/aws/sqs-execution.queue';
import { DUE_INDEX, LIST_INDEX, TTL_ATTRIBUTE } from '../../src/storage/aws/table';
import { newMessage } from '../contract/execution.queue.suite';
import { newJob } from '../contract/job.fixture';
import { queueAttributesOf } from './queues';
import { createOlderTable, provisionStorage, newClients, storageSettings, openStorage } from './storage';

const PROCESSES = 5;

describe('AWS_BOOTSTRAP', () => {
  const name = `test-${randomUUID()}`;
  const { settings, clients, calls } = openStorage(name);
  const jobs = new DynamoJobRepository(settings, clients, calls);
  const code = new S3ObjectStore(settings, clients, calls);
  const queue = new SqsExecutionQueue(settings, clients, calls);
  const { dynamo } = clients;

  it('when disabled creates nothing, and errors name the missing resources', async () => {
    const job = newJob();
    await expect(jobs.create(job)).rejects.toMatchObject({
      explanation: expect.stringMatching(/table/) as string,
    });
    await expect(code.put(job.s3Key, 'x', 'python')).rejects.toMatchObject({
      explanation: expect.stringMatching(/bucket/) as string,
    });
    await expect(queue.send(newMessage())).rejects.toMatchObject({
      explanation: expect.stringMatching(/queue/) as string,
    });
    for (const adapter of [jobs, code, queue])
      await expect(adapter.ping()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  it.each([[[]], [[LIST_INDEX]], [[DUE_INDEX]]])(
    'when disabled leaves a table with only the indexes %j unhealthy',
    async (indexes) => {
      const older = openStorage(`test-${randomUUID()}`);
      await createOlderTable(dynamo, older.settings.table, indexes);
      const jobsOfOlder = new DynamoJobRepository(older.settings, older.clients, older.calls);
      expect(await jobsOfOlder.find(newJob().jobId)).toBeUndefined();
      await expect(jobsOfOlder.ping()).rejects.toMatchObject({
        code: 'storage-unavailable',
        explanation: 'The DynamoDB table lacks one of its indexes.',
      });
    },
  );

  it('adds a missing index to an older table, and the index contains the existing items', async () => {
    const older = storageSettings(`${name}-older`);
    const clients = newClients(older);
    await createOlderTable(clients.dynamo, older.table, [LIST_INDEX]);
    const repository = new DynamoJobRepository(
      older,
      clients,
      new AwsCalls(new AwsBootstrap(older, clients)),
    );
    const job = newJob({ status: 'RUNNING', dueAt: '2026-01-31T12:00:00.000Z' });
    await repository.create(job);
    // The call that finds the index missing adds it, at the same time as two processes that start.
    await Promise.all([
      repository.findDue(job.dueAt ?? '', 10),
      provisionStorage(older),
      provisionStorage(older),
    ]);
    const { Table } = await clients.dynamo.send(new DescribeTableCommand({ TableName: older.table }));
    expect(
      Table?.GlobalSecondaryIndexes?.map(({ IndexName, IndexStatus }) => [IndexName, IndexStatus]).sort(),
    ).toEqual([
      [DUE_INDEX, 'ACTIVE'],
      [LIST_INDEX, 'ACTIVE'],
    ]);
    expect(await repository.findDue(job.dueAt ?? '', 10)).toEqual([job.jobId]);
  }, 60_000);

  it('creates one bucket, one table with Time to Live and one queue for processes that start at the same time', async () => {
    await Promise.all(Array.from({ length: PROCESSES }, () => provisionStorage(storageSettings(name))));
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: name }));
    expect(Table?.TableStatus).toBe('ACTIVE');
    const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName: name }));
    expect(TimeToLiveDescription).toMatchObject({
      TimeToLiveStatus: expect.stringMatching(/^ENABL/) as string,
      AttributeName: TTL_ATTRIBUTE,
    });
    for (const adapter of [code, queue]) await expect(adapter.ping()).resolves.toBeUndefined();
    expect(await queueAttributesOf(`${name}-dead`)).toMatchObject({ MessageRetentionPeriod: '1209600' });
    const { RedrivePolicy = '', ...attributes } = await queueAttributesOf(name);
    expect(attributes).toMatchObject({ VisibilityTimeout: '30', ReceiveMessageWaitTimeSeconds: '20' });
    expect(JSON.parse(RedrivePolicy)).toEqual({
      deadLetterTargetArn: expect.stringMatching(`:${name}-dead$`) as string,
      maxReceiveCount: 10,
    });
  });

  it('leaves existing data unchanged', async () => {
    const job = newJob();
    await jobs.create(job);
    await code.put(job.s3Key, 'print(1)', job.language);
    const message = newMessage();
    await queue.send(message);
    await provisionStorage(storageSettings(name));
    expect(await jobs.find(job.jobId)).toEqual(job);
    expect(await code.get(job.s3Key)).toBe('print(1)');
    const [delivery] = await queue.receive(1, new AbortController().signal);
    expect(delivery?.message).toEqual(message);
  });

  it('recreates a table that an emulator has lost, and the call that found it missing succeeds', async () => {
    const lost = openStorage(`test-${randomUUID()}`, { AWS_BOOTSTRAP: 'true' });
    const repository = new DynamoJobRepository(lost.settings, lost.clients, lost.calls);
    const job = newJob();
    await repository.create(job);
    expect(await repository.find(job.jobId)).toEqual(job);
  });
});

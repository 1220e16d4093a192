/** What AWS_BOOTSTRAP makes, also when several processes make it at once, and what happens without it. */
import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { createDynamoClient } from '../../src/storage/aws/aws-clients';
import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { S3CodeRepository } from '../../src/storage/aws/s3-code.repository';
import { TTL_ATTRIBUTE, tableDefinition } from '../../src/storage/aws/table';
import { newJob } from '../contract/job.fixture';
import { makeStorage, settingsOf, storageOf } from './storage';

const PROCESSES = 5;

describe('The bootstrap', () => {
  const name = `test-${randomUUID()}`;
  const { settings, calls } = storageOf(name);
  const jobs = new DynamoJobRepository(settings, calls);
  const code = new S3CodeRepository(settings, calls);
  const dynamo = createDynamoClient(settings);
  afterAll(() => {
    for (const adapter of [jobs, code]) adapter.onApplicationShutdown();
    dynamo.destroy();
  });

  it('is left to whoever wants it: without it nothing is made, and it is said what is missing', async () => {
    const job = newJob();
    await expect(jobs.create(job)).rejects.toMatchObject({
      explanation: expect.stringMatching(/table/) as string,
    });
    await expect(code.put(job.s3Key, 'x', 'python')).rejects.toMatchObject({
      explanation: expect.stringMatching(/bucket/) as string,
    });
    await expect(jobs.ping()).rejects.toMatchObject({ code: 'storage-unavailable' });
    await expect(code.ping()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  it('is not what health sees when a table has no index: lists would fail', async () => {
    const {
      GlobalSecondaryIndexes: _,
      AttributeDefinitions = [],
      ...definition
    } = tableDefinition(`${name}-bare`);
    await dynamo.send(
      new CreateTableCommand({ ...definition, AttributeDefinitions: AttributeDefinitions.slice(0, 1) }),
    );
    const bare = storageOf(`${name}-bare`);
    const jobsOfBare = new DynamoJobRepository(bare.settings, bare.calls);
    expect(await jobsOfBare.find(newJob().jobId)).toBeUndefined();
    await expect(jobsOfBare.ping()).rejects.toMatchObject({ code: 'storage-unavailable' });
    jobsOfBare.onApplicationShutdown();
  });

  it('makes one bucket and one table for all processes that start at once, and expires jobs', async () => {
    await Promise.all(Array.from({ length: PROCESSES }, () => makeStorage(settingsOf(name))));
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: name }));
    expect(Table?.TableStatus).toBe('ACTIVE');
    const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName: name }));
    expect(TimeToLiveDescription).toMatchObject({
      TimeToLiveStatus: expect.stringMatching(/^ENABL/) as string,
      AttributeName: TTL_ATTRIBUTE,
    });
    await expect(code.ping()).resolves.toBeUndefined();
  });

  it('leaves what is there as it is', async () => {
    const job = newJob();
    await jobs.create(job);
    await code.put(job.s3Key, 'print(1)', job.language);
    await makeStorage(settingsOf(name));
    expect(await jobs.find(job.jobId)).toEqual(job);
    expect(await code.get(job.s3Key)).toBe('print(1)');
  });

  it('makes anew what an emulator has forgotten, and the call that found out works', async () => {
    const forgotten = storageOf(`test-${randomUUID()}`, { AWS_BOOTSTRAP: 'true' });
    const repository = new DynamoJobRepository(forgotten.settings, forgotten.calls);
    const job = newJob();
    await repository.create(job);
    expect(await repository.find(job.jobId)).toEqual(job);
    repository.onApplicationShutdown();
  });
});

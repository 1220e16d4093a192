import { v7 as uuidv7 } from 'uuid';
import { DynamoWebhookRepository } from '../../src/storage/aws/dynamo-webhook.repository';
import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { describeWebhookRepository, newWebhook } from '../contract/webhook.repository.suite';
import { newJob } from '../contract/job.fixture';
import { type Fault, FaultProxy } from './fault-proxy';
import { type Storage, createStorage, openStorage } from './storage';

describeWebhookRepository('DynamoDB', async () => {
  const storage = await createStorage();
  const open = ({ settings, clients, calls }: Storage): DynamoWebhookRepository =>
    new DynamoWebhookRepository(settings, clients, calls);
  return {
    repository: open(storage),
    reopen: () => {
      storage.clients.onApplicationShutdown();
      return Promise.resolve(open(openStorage(storage.settings.table)));
    },
    close: () => Promise.resolve(),
  };
});

describe('webhooks in DynamoDB', () => {
  const FAR = '2999-01-01T00:00:00.000Z';
  const LATER = '2998-01-01T00:00:00.000Z';
  let storage: Storage;
  let webhooks: DynamoWebhookRepository;
  beforeEach(async () => {
    storage = await createStorage();
    webhooks = new DynamoWebhookRepository(storage.settings, storage.clients, storage.calls);
  });

  it('are not found as due jobs or listed as jobs, and due jobs are not found as webhooks', async () => {
    const jobs = new DynamoJobRepository(storage.settings, storage.clients, storage.calls);
    const [job, webhook] = [newJob({ dueAt: '2026-01-31T12:00:00.000Z' }), newWebhook()];
    await jobs.create(job);
    await webhooks.create(webhook);
    expect(await jobs.findDue(FAR, 10)).toEqual([job.jobId]);
    expect(await webhooks.findDue(FAR, 10)).toEqual([webhook]);
    expect((await jobs.list({}, 10, undefined)).jobs.map(({ jobId }) => jobId)).toEqual([job.jobId]);
  });

  it('are found in all buckets, in the order of their due times', async () => {
    const made = Array.from({ length: 40 }, (_, index) =>
      newWebhook({ jobId: uuidv7(), dueAt: new Date(Date.now() + index).toISOString() }),
    );
    await Promise.all(made.map((webhook) => webhooks.create(webhook)));
    expect(await webhooks.findDue(FAR, 25)).toEqual(made.slice(0, 25));
  });

  it.each<Fault>(['reset after', 'reset before', 'cut'])(
    'are created, postponed and removed once although each first attempt fails with: %s',
    async (fault) => {
      const proxy = await FaultProxy.start(process.env['AWS_TEST_DYNAMODB_URL'] ?? '');
      const { settings, clients, calls } = openStorage(storage.settings.table, {
        AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
      });
      const faulty = new DynamoWebhookRepository(settings, clients, calls);
      const failed: string[] = [];
      proxy.selectFault = ({ name, attempt }) => {
        if (attempt > 1) return undefined;
        failed.push(name);
        return fault;
      };
      const webhook = newWebhook();
      await faulty.create(webhook);
      expect(await faulty.postpone(webhook, LATER, 0)).toBe(true);
      expect(await faulty.postpone(webhook, LATER, 0)).toBe(false);
      expect(await webhooks.findDue(FAR, 10)).toEqual([{ ...webhook, dueAt: LATER }]);
      await faulty.remove(webhook.id);
      expect(await webhooks.findDue(FAR, 10)).toEqual([]);
      expect(failed).toEqual(['PutItem', 'UpdateItem', 'UpdateItem', 'DeleteItem']);
      await proxy.close();
    },
  );

  it('fail with storage-unavailable when the table does not exist', async () => {
    const { settings, clients, calls } = openStorage('test-missing-table');
    const missing = new DynamoWebhookRepository(settings, clients, calls);
    const webhook = newWebhook();
    for (const call of [
      () => missing.create(webhook),
      () => missing.findDue(FAR, 1),
      () => missing.postpone(webhook, LATER, 1),
      () => missing.remove(webhook.id),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});

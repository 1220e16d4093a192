/** The contract of WebhookRepository on DynamoDB, beside jobs, and with answers that are lost. */
import { v7 as uuidv7 } from 'uuid';
import { DynamoWebhookRepository } from '../../src/storage/aws/dynamo-webhook.repository';
import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { describeCallbackRepository, newCallback } from '../contract/webhook.repository.suite';
import { newJob } from '../contract/job.fixture';
import { type Fault, FaultProxy } from './fault-proxy';
import { type Storage, createStorage, openStorage } from './storage';

describeCallbackRepository('DynamoDB', async () => {
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

describe('Callbacks in DynamoDB', () => {
  const FAR = '2999-01-01T00:00:00.000Z';
  const LATER = '2998-01-01T00:00:00.000Z';
  let storage: Storage;
  let callbacks: DynamoWebhookRepository;
  beforeEach(async () => {
    storage = await createStorage();
    callbacks = new DynamoWebhookRepository(storage.settings, storage.clients, storage.calls);
  });

  it('are never taken for jobs that are due, nor jobs for callbacks, nor are they listed', async () => {
    const jobs = new DynamoJobRepository(storage.settings, storage.clients, storage.calls);
    const [job, callback] = [newJob({ dueAt: '2026-01-31T12:00:00.000Z' }), newCallback()];
    await jobs.create(job);
    await callbacks.create(callback);
    expect(await jobs.findDue(FAR, 10)).toEqual([job.jobId]);
    expect(await callbacks.findDue(FAR, 10)).toEqual([callback]);
    expect((await jobs.list({}, 10, undefined)).jobs.map(({ jobId }) => jobId)).toEqual([job.jobId]);
  });

  it('are found in every bucket, in the order of their times over all of them', async () => {
    const made = Array.from({ length: 40 }, (_, index) =>
      newCallback({ jobId: uuidv7(), dueAt: new Date(Date.now() + index).toISOString() }),
    );
    await Promise.all(made.map((callback) => callbacks.create(callback)));
    expect(await callbacks.findDue(FAR, 25)).toEqual(made.slice(0, 25));
  });

  it.each<Fault>(['reset after', 'reset before', 'cut'])(
    'are created, postponed and removed once although each first answer is lost: %s',
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
      const callback = newCallback();
      await faulty.create(callback);
      expect(await faulty.postpone(callback, LATER, 0)).toBe(true);
      expect(await faulty.postpone(callback, LATER, 0)).toBe(false);
      expect(await callbacks.findDue(FAR, 10)).toEqual([{ ...callback, dueAt: LATER }]);
      await faulty.remove(callback.id);
      expect(await callbacks.findDue(FAR, 10)).toEqual([]);
      expect(failed).toEqual(['PutItem', 'UpdateItem', 'UpdateItem', 'DeleteItem']);
      await proxy.close();
    },
  );

  it('are a fault of the storage when it does not answer', async () => {
    const { settings, clients, calls } = openStorage('test-nobody-made-this-table');
    const homeless = new DynamoWebhookRepository(settings, clients, calls);
    const callback = newCallback();
    for (const call of [
      () => homeless.create(callback),
      () => homeless.findDue(FAR, 1),
      () => homeless.postpone(callback, LATER, 1),
      () => homeless.remove(callback.id),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});

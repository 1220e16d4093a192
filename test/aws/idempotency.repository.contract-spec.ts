import { DynamoIdempotencyRepository } from '../../src/storage/aws/dynamo-idempotency.repository';
import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { RESPONSE, describeIdempotencyRepository, newRecord } from '../contract/idempotency.repository.suite';
import { type Fault, FaultProxy } from './fault-proxy';
import { type Storage, createStorage, openStorage } from './storage';

describeIdempotencyRepository('DynamoDB', async () => {
  const storage = await createStorage();
  const open = ({ settings, clients, calls }: Storage): DynamoIdempotencyRepository =>
    new DynamoIdempotencyRepository(settings, clients, calls);
  return {
    repository: open(storage),
    reopen: () => {
      storage.clients.onApplicationShutdown();
      return Promise.resolve(open(openStorage(storage.settings.table)));
    },
    close: () => Promise.resolve(),
  };
});

describe('idempotency records in DynamoDB', () => {
  it('are neither listed as jobs nor found as due jobs', async () => {
    const { settings, clients, calls } = await createStorage();
    const repository = new DynamoIdempotencyRepository(settings, clients, calls);
    const jobs = new DynamoJobRepository(settings, clients, calls);
    const records = [newRecord(), newRecord(), newRecord()] as const;
    for (const record of records) await repository.claim(record);
    await repository.complete(records[0], RESPONSE);
    await repository.release(records[1]);
    expect(await jobs.list({}, 10, undefined)).toEqual({ jobs: [], nextAfter: undefined });
    expect(await jobs.findDue('9999', 10)).toEqual([]);
  });

  it('stay released when a late attempt at their claim arrives', async () => {
    const { settings, clients, calls } = await createStorage();
    const repository = new DynamoIdempotencyRepository(settings, clients, calls);
    const record = newRecord();
    await repository.claim(record);
    await repository.release(record);
    await repository.claim(record);
    const next = newRecord({ id: record.id });
    expect(await repository.claim(next)).toEqual(next);
  });

  it('fail with storage-unavailable when the table does not exist', async () => {
    const { settings, clients, calls } = openStorage('test-missing-table');
    const repository = new DynamoIdempotencyRepository(settings, clients, calls);
    const unavailable = { code: 'storage-unavailable' };
    await expect(repository.claim(newRecord())).rejects.toMatchObject(unavailable);
    await expect(repository.complete(newRecord(), RESPONSE)).rejects.toMatchObject(unavailable);
    await expect(repository.release(newRecord())).rejects.toMatchObject(unavailable);
  });

  describe.each(['reset before', 'reset after', 'cut', 'late', 'silent'] as const)(
    'when the first attempt at each call fails with: %s',
    (fault: Fault) => {
      it('are claimed, completed and released as without the fault', async () => {
        const proxy = await FaultProxy.start(process.env['AWS_TEST_DYNAMODB_URL'] ?? '');
        const { settings, clients, calls } = await createStorage({
          AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
          AWS_REQUEST_TIMEOUT: '500',
          AWS_MAX_ATTEMPTS: '3',
        });
        const repository = new DynamoIdempotencyRepository(settings, clients, calls);
        const failed = new Set<string>();
        proxy.selectFault = ({ name, attempt }) => {
          if (attempt > 1) return undefined;
          failed.add(name);
          return fault;
        };
        const record = newRecord();
        expect(await repository.claim(record)).toEqual(record);
        expect(await repository.claim(newRecord({ id: record.id }))).toEqual(record);
        expect(await repository.complete(record, RESPONSE)).toEqual(RESPONSE);
        await proxy.lateRequestsArrived();
        expect(await repository.claim(newRecord({ id: record.id }))).toEqual({
          ...record,
          response: RESPONSE,
        });

        const released = newRecord();
        await repository.claim(released);
        await repository.release(released);
        await proxy.lateRequestsArrived();
        const next = newRecord({ id: released.id });
        expect(await repository.claim(next)).toEqual(next);
        expect([...failed].sort()).toEqual(['PutItem', 'UpdateItem']);
        await proxy.lateRequestsArrived();
        await proxy.close();
      });
    },
  );
});

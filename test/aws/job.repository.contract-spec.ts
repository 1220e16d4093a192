import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { describeJobRepository } from '../contract/job.repository.suite';
import { type Storage, createStorage, openStorage } from './storage';

describeJobRepository('DynamoDB', async () => {
  const storage = await createStorage();
  const open = ({ settings, clients, calls }: Storage): DynamoJobRepository =>
    new DynamoJobRepository(settings, clients, calls);
  return {
    repository: open(storage),
    reopen: () => {
      storage.clients.onApplicationShutdown();
      return Promise.resolve(open(openStorage(storage.settings.table)));
    },
    close: () => Promise.resolve(),
  };
});

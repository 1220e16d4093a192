/** The contract of JobRepository on DynamoDB. */
import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { describeJobRepository } from '../contract/job.repository.suite';
import { type Storage, newStorage, storageOf } from './storage';

describeJobRepository('DynamoDB', async () => {
  const storage = await newStorage();
  const open = ({ settings, clients, calls }: Storage): DynamoJobRepository =>
    new DynamoJobRepository(settings, clients, calls);
  return {
    repository: open(storage),
    reopen: () => {
      storage.clients.onApplicationShutdown();
      return Promise.resolve(open(storageOf(storage.settings.table)));
    },
    close: () => Promise.resolve(),
  };
});

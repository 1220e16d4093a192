/** The contract of JobRepository on DynamoDB. */
import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { describeJobRepository } from '../contract/job.repository.suite';
import { newStorage } from './storage';

describeJobRepository('DynamoDB', async () => {
  const { settings, calls } = await newStorage();
  const open = (): DynamoJobRepository => new DynamoJobRepository(settings, calls);
  let repository = open();
  return {
    repository,
    reopen: () => {
      repository.onApplicationShutdown();
      repository = open();
      return Promise.resolve(repository);
    },
    close: () => {
      repository.onApplicationShutdown();
      return Promise.resolve();
    },
  };
});

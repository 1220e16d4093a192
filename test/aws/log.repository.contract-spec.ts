import { S3LogRepository } from '../../src/storage/aws/s3-log.repository';
import { describeLogRepository } from '../contract/log.repository.suite';
import { deleteBucket, createStorage } from './storage';

describeLogRepository('S3', async () => {
  const storage = await createStorage();
  const repository = new S3LogRepository(storage.settings, storage.clients, storage.calls);
  return {
    repository,
    breakStorage: () => deleteBucket(storage),
    close: () => {
      repository.onApplicationShutdown();
      return Promise.resolve();
    },
  };
});

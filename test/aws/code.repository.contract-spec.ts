/** The contract of CodeRepository on S3. */
import { S3CodeRepository } from '../../src/storage/aws/s3-code.repository';
import { describeCodeRepository } from '../contract/code.repository.suite';
import { deleteBucket, newStorage } from './storage';

describeCodeRepository('S3', async () => {
  const storage = await newStorage();
  const repository = new S3CodeRepository(storage.settings, storage.calls);
  return {
    repository,
    breakStorage: () => deleteBucket(storage),
    close: () => {
      repository.onApplicationShutdown();
      return Promise.resolve();
    },
  };
});

import { S3ObjectStore } from '../../src/storage/aws/s3-object.store';
import { describeObjectStore } from '../contract/object.store.suite';
import { deleteBucket, createStorage } from './storage';

describeObjectStore('S3', async () => {
  const storage = await createStorage();
  const repository = new S3ObjectStore(storage.settings, storage.clients, storage.calls);
  return {
    repository,
    breakStorage: () => deleteBucket(storage),
    close: () => Promise.resolve(),
  };
});

import { EmbeddedDatabase } from '../../src/storage/embedded/embedded-database';
import { SqliteWebhookRepository } from '../../src/storage/embedded/sqlite-webhook.repository';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { describeWebhookRepository } from './webhook.repository.suite';
import { storageSettings } from './storage-settings';

describeWebhookRepository('SQLite', () => {
  const dataDir = createTemporaryDirectory();
  let database = new EmbeddedDatabase(storageSettings(dataDir));
  return Promise.resolve({
    repository: new SqliteWebhookRepository(database),
    reopen: () => {
      database.onApplicationShutdown();
      database = new EmbeddedDatabase(storageSettings(dataDir));
      return Promise.resolve(new SqliteWebhookRepository(database));
    },
    close: () => {
      database.onApplicationShutdown();
      return Promise.resolve();
    },
  });
});

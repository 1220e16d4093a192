/** The contract of CallbackRepository on the embedded database. */
import { EmbeddedDatabase } from '../../src/storage/embedded/embedded-database';
import { SqliteCallbackRepository } from '../../src/storage/embedded/sqlite-callback.repository';
import { temporaryDirectory } from '../support/temporary';
import { describeCallbackRepository } from './callback.repository.suite';
import { storageSettings } from './storage-settings';

describeCallbackRepository('SQLite', () => {
  const dataDir = temporaryDirectory();
  let database = new EmbeddedDatabase(storageSettings(dataDir));
  return Promise.resolve({
    repository: new SqliteCallbackRepository(database),
    reopen: () => {
      database.onApplicationShutdown();
      database = new EmbeddedDatabase(storageSettings(dataDir));
      return Promise.resolve(new SqliteCallbackRepository(database));
    },
    close: () => {
      database.onApplicationShutdown();
      return Promise.resolve();
    },
  });
});

import { RECORD_MS_MAX } from '../../src/jobs/idempotency.repository';
import { EmbeddedDatabase } from '../../src/storage/embedded/embedded-database';
import { SqliteIdempotencyRepository } from '../../src/storage/embedded/sqlite-idempotency.repository';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { RESPONSE, describeIdempotencyRepository, newRecord } from './idempotency.repository.suite';
import { storageSettings } from './storage-settings';

const open = (dataDir: string) => {
  const database = new EmbeddedDatabase(storageSettings(dataDir));
  return { database, repository: new SqliteIdempotencyRepository(database) };
};

describeIdempotencyRepository('SQLite', () => {
  const dataDir = createTemporaryDirectory();
  let opened = open(dataDir);
  return Promise.resolve({
    repository: opened.repository,
    reopen: () => {
      opened.database.onApplicationShutdown();
      opened = open(dataDir);
      return Promise.resolve(opened.repository);
    },
    close: () => {
      opened.database.onApplicationShutdown();
      return Promise.resolve();
    },
  });
});

describe('idempotency records in the embedded database', () => {
  it('do not pile up: claims remove expired records, and nothing else', async () => {
    const { database, repository } = open(createTemporaryDirectory());
    const count = (): unknown => database.db.prepare('SELECT COUNT(*) AS n FROM idempotency').all();
    const before = new Date().toISOString();
    const later = new Date(Date.parse(before) + RECORD_MS_MAX).toISOString();
    for (let n = 0; n < 25; n += 1) {
      const record = newRecord({ createdAt: before });
      await repository.claim(record);
      if (n % 2 === 0) await repository.complete(record, RESPONSE);
    }
    expect(count()).toEqual([{ n: 25 }]);
    for (let n = 0; n < 3; n += 1) await repository.claim(newRecord({ createdAt: later }));
    expect(count()).toEqual([{ n: 3 }]);
    await repository.claim(newRecord({ createdAt: later }));
    expect(count()).toEqual([{ n: 4 }]);
    database.onApplicationShutdown();
  });

  it('fail with storage-unavailable when the database is broken', async () => {
    const { database, repository } = open(createTemporaryDirectory());
    database.db.exec('DROP TABLE idempotency');
    const unavailable = { code: 'storage-unavailable' };
    const record = newRecord();
    await expect(repository.claim(record)).rejects.toMatchObject(unavailable);
    await expect(repository.complete(record, RESPONSE)).rejects.toMatchObject(unavailable);
    await expect(repository.release(record)).rejects.toMatchObject(unavailable);
    database.onApplicationShutdown();
  });
});

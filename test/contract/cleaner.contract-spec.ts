import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { storagePaths } from '../../src/config/settings';
import { EmbeddedStorageCleaner } from '../../src/storage/embedded/embedded-storage.cleaner';
import { EmbeddedDatabase } from '../../src/storage/embedded/embedded-database';
import { SqliteJobRepository } from '../../src/storage/embedded/sqlite-job.repository';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { newJob } from './job.fixture';
import { storageSettings } from './storage-settings';

describe('the cleaner of the embedded storage', () => {
  const dataDir = createTemporaryDirectory();
  const { objects } = storagePaths(dataDir);
  const settings = storageSettings(dataDir);
  let database: EmbeddedDatabase;
  let jobs: SqliteJobRepository;
  beforeAll(() => {
    Logger.overrideLogger(false);
    database = new EmbeddedDatabase(settings);
    jobs = new SqliteJobRepository(database);
  });
  afterAll(() => {
    database.onApplicationShutdown();
  });

  const write = async (...paths: string[]): Promise<void> => {
    for (const path of paths) {
      await mkdir(join(objects, path, '..'), { recursive: true });
      await writeFile(join(objects, path), 'x');
    }
  };
  const files = async (): Promise<string[]> =>
    (await readdir(objects, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(objects.length + 1))
      .sort();

  it('does nothing in an empty data directory', async () => {
    await new EmbeddedStorageCleaner(settings, jobs).onModuleInit();
    expect(await files()).toEqual([]);
  });

  it('removes temporary files, code without a job and requests of finished executions, and nothing else', async () => {
    const job = newJob();
    await jobs.create(job);
    const pendingRequest = `requests/${uuidv7()}.json`;
    const finishedRequest = `requests/${uuidv7()}.json`;
    const dispatch = {
      requestKey: pendingRequest,
      tries: 0,
      queuedAt: null,
      worker: null,
      callbackUrl: null,
    };
    await jobs.create(newJob({ status: 'QUEUED', dispatch }));
    const orphan = `uploads/${uuidv7()}.py`;
    const log = `logs/${job.jobId}/1.ndjson`;
    const foreign = ['uploads/.keep', 'requests/notes.txt', 'uploads/folder/notes.txt', 'logs/readme'];
    await write(job.s3Key, log, pendingRequest, ...foreign);
    const kept = await files();
    await write(orphan, finishedRequest, `${job.s3Key}.${uuidv7()}.tmp`, `${log}.${uuidv7()}.tmp`);
    await new EmbeddedStorageCleaner(settings, jobs).onModuleInit();
    expect(await files()).toEqual(kept);
  });
});

import { execFileSync } from 'node:child_process';
import { Logger } from '@nestjs/common';
import Database from 'libsql';
import { storagePaths } from '../../src/config/settings';
import { EmbeddedDatabase } from '../../src/storage/embedded/embedded-database';
import { SqliteJobRepository } from '../../src/storage/embedded/sqlite-job.repository';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { finishedJob, newJob } from './job.fixture';
import { describeJobRepository } from './job.repository.suite';
import { storageSettings } from './storage-settings';

const open = (dataDir: string): { repository: SqliteJobRepository; close: () => void } => {
  const database = new EmbeddedDatabase(storageSettings(dataDir));
  return {
    repository: new SqliteJobRepository(database),
    close: () => {
      database.onApplicationShutdown();
    },
  };
};

describeJobRepository('SQLite', () => {
  const dataDir = createTemporaryDirectory();
  let opened = open(dataDir);
  return Promise.resolve({
    repository: opened.repository,
    reopen: () => {
      opened.close();
      opened = open(dataDir);
      return Promise.resolve(opened.repository);
    },
    close: () => {
      opened.close();
      return Promise.resolve();
    },
  });
});

describe('the embedded database', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  it('rejects a second repository on one DATA_DIR with an error that names the directory', () => {
    const dataDir = createTemporaryDirectory();
    const first = open(dataDir);
    expect(() => open(dataDir)).toThrow(`DATA_DIR ${dataDir} is in use by another process`);
    first.close();
  });

  it('locks out other processes until it is closed', () => {
    const dataDir = createTemporaryDirectory();
    const first = open(dataDir);
    expect(readInOtherProcess(dataDir)).toBe('SQLITE_BUSY');
    first.close();
    expect(readInOtherProcess(dataDir)).toBe('read');
  });

  it('rejects a database that a newer version has written', () => {
    const dataDir = createTemporaryDirectory();
    open(dataDir).close();
    setVersion(dataDir, 1000);
    expect(() => open(dataDir)).toThrow(/schema version 1000; this service knows versions up to \d+$/);
  });

  it('makes the executions of a process that has ended due at once, and changes nothing else', async () => {
    const dataDir = createTemporaryDirectory();
    const before = open(dataDir);
    const far = { dueAt: '2999-01-01T00:00:00.000Z' };
    const interrupted = [
      newJob({ status: 'RUNNING', attempt: 2, ...far }),
      newJob({ status: 'QUEUED', ...far }),
    ];
    const others = [newJob(), finishedJob(), finishedJob({ status: 'SUCCESS', verdict: 'OK' })];
    for (const job of [...interrupted, ...others]) await before.repository.create(job);
    before.close();

    const { repository, close } = open(dataDir);
    repository.onModuleInit();
    const now = new Date().toISOString();
    for (const job of interrupted) {
      const { dueAt, ...rest } = (await repository.find(job.jobId)) ?? job;
      expect({ ...rest, dueAt: far.dueAt }).toEqual(job);
      expect(dueAt && dueAt <= now).toBe(true);
    }
    for (const job of others) expect(await repository.find(job.jobId)).toEqual(job);
    expect(await repository.findDue(now, 10)).toEqual(
      expect.arrayContaining(interrupted.map(({ jobId }) => jobId)),
    );
    close();
  });
});

/** Reads the database in another process. @returns `read`, or the code of the error */
function readInOtherProcess(dataDir: string): string {
  const script = `
    const Database = require(process.argv[1]);
    try { new Database(process.argv[2]).prepare('SELECT * FROM jobs').all(); console.log('read'); }
    catch (error) { console.log(error.code); }`;
  const { database } = storagePaths(dataDir);
  return execFileSync(process.execPath, ['-e', script, require.resolve('libsql'), database], {
    encoding: 'utf8',
  }).trim();
}

function setVersion(dataDir: string, version: number): void {
  const db = new Database(storagePaths(dataDir).database);
  db.pragma(`user_version = ${version.toString()}`);
  db.close();
}

/** The contract of JobRepository on the embedded database, and what only that one promises. */
import { execFileSync } from 'node:child_process';
import { Logger } from '@nestjs/common';
import Database from 'libsql';
import { storagePaths } from '../../src/config/settings';
import { SqliteJobRepository } from '../../src/storage/embedded/sqlite-job.repository';
import { temporaryDirectory } from '../support/temporary';
import { finishedJob, newJob } from './job.fixture';
import { describeJobRepository } from './job.repository.suite';
import { storageSettings } from './storage-settings';

const open = (dataDir: string): SqliteJobRepository => new SqliteJobRepository(storageSettings(dataDir));

describeJobRepository('SQLite', () => {
  const dataDir = temporaryDirectory();
  let repository = open(dataDir);
  return Promise.resolve({
    repository,
    reopen: () => {
      repository.onApplicationShutdown();
      repository = open(dataDir);
      return Promise.resolve(repository);
    },
    close: () => {
      repository.onApplicationShutdown();
      return Promise.resolve();
    },
  });
});

describe('The embedded database', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  it('refuses a second repository on one DATA_DIR with a sentence that names it', () => {
    const dataDir = temporaryDirectory();
    const first = open(dataDir);
    expect(() => open(dataDir)).toThrow(`DATA_DIR ${dataDir} is in use by another process`);
    first.onApplicationShutdown();
  });

  it('keeps every other process out while it is open, and lets it in when it is closed', () => {
    const dataDir = temporaryDirectory();
    const first = open(dataDir);
    expect(readElsewhere(dataDir)).toBe('SQLITE_BUSY');
    first.onApplicationShutdown();
    expect(readElsewhere(dataDir)).toBe('read');
  });

  it('refuses a database that a newer version has written', () => {
    const dataDir = temporaryDirectory();
    open(dataDir).onApplicationShutdown();
    setVersion(dataDir, 1000);
    expect(() => open(dataDir)).toThrow(/schema version 1000; this service knows versions up to \d+$/);
  });

  it('ends executions of a process that is dead as ENGINE_ERROR with a reason, and nothing else', async () => {
    const dataDir = temporaryDirectory();
    const before = open(dataDir);
    const cutOff = [newJob({ status: 'RUNNING', attempt: 2 }), newJob({ status: 'QUEUED', attempt: 1 })];
    const others = [newJob(), finishedJob(), finishedJob({ status: 'SUCCESS', verdict: 'OK' })];
    for (const job of [...cutOff, ...others]) await before.create(job);
    before.onApplicationShutdown();

    const after = open(dataDir);
    after.onModuleInit();
    for (const { jobId, attempt } of cutOff) {
      const job = await after.find(jobId);
      expect(job).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR', attempt, outcome: null });
      expect(job?.errorMessage).toMatch(/stopped while this execution was running.*safe to execute/);
      expect(job?.completedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(job?.updatedAt).toBe(job?.completedAt);
    }
    for (const job of others) expect(await after.find(job.jobId)).toEqual(job);
    after.onApplicationShutdown();
  });
});

/** Reads the database in a process of its own; gives `read`, or the code of the error. */
function readElsewhere(dataDir: string): string {
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

/** Jobs in an embedded SQLite database that this process alone may open. */
import { mkdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import Database from 'libsql';
import { StorageUnavailableError } from '../../common/storage-unavailable.error';
import { StorageSettings, storagePaths } from '../../config/settings';
import type { Job, JobState } from '../../jobs/job';
import {
  type From,
  type JobFilter,
  type JobPage,
  JobRepository,
  type Transition,
} from '../../jobs/job.repository';
import { type JobRow, jobToRow, rowToJob, stateToColumns } from '../job-row';
import { untouched } from '../untouched';
import { migrate } from './schema';
import { type Statements, listStatement, prepareStatements } from './statements';

@Injectable()
export class SqliteJobRepository extends JobRepository implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(SqliteJobRepository.name);
  private readonly db: Database.Database;
  private readonly statements: Statements;

  /** @throws Error when another process has the database, or it cannot be opened */
  constructor(settings: StorageSettings) {
    super();
    this.db = openDatabase(settings.dataDir);
    this.statements = prepareStatements(this.db);
  }

  create(job: Job): Promise<void> {
    return querying(() => {
      try {
        this.statements.create.run(jobToRow(job));
      } catch (error) {
        if (!isDeepStrictEqual(this.findRow(job.jobId), job)) throw error;
      }
    });
  }

  find(jobId: string): Promise<Job | undefined> {
    return querying(() => this.findRow(jobId));
  }

  transition(jobId: string, from: From, to: JobState): Promise<Transition> {
    return querying((): Transition => {
      const [row] = this.statements.transition.all({
        ...stateToColumns(to),
        job_id: jobId,
        from_attempt: from.attempt,
        from_statuses: JSON.stringify(from.statuses),
        any_fence: from.fence === undefined ? 1 : 0,
        from_fence: from.fence ?? null,
      }) as JobRow[];
      if (row) return { kind: 'changed', job: rowToJob(row) };
      return untouched(this.findRow(jobId), to);
    });
  }

  list(filter: JobFilter, limit: number, after: string | undefined): Promise<JobPage> {
    return querying(() => {
      const { sql, parameters } = listStatement(filter, limit + 1, after);
      const rows = this.db.prepare(sql).all(parameters) as JobRow[];
      const jobs = rows.slice(0, limit).map(rowToJob);
      return { jobs, nextAfter: rows.length > limit ? jobs.at(-1)?.jobId : undefined };
    });
  }

  ping(): Promise<void> {
    return querying(() => {
      first(this.statements.ping);
    });
  }

  /** Whether any job has this code; for the removal of code whose upload was never acknowledged. */
  has(jobId: string): boolean {
    return first(this.statements.has, { job_id: jobId }) !== undefined;
  }

  onApplicationShutdown(): void {
    closeDatabase(this.db);
  }

  private findRow(jobId: string): Job | undefined {
    const row = first(this.statements.find, { job_id: jobId });
    return row && rowToJob(row);
  }

  /** Whatever was active belonged to a process that is dead: this one holds the only lock there is. */
  onModuleInit(): void {
    const { changes } = this.statements.endAbandoned.run({
      now: new Date().toISOString(),
      error_message:
        'The service stopped while this execution was running. It is safe to execute the job again.',
    });
    if (changes > 0)
      this.logger.warn(`${changes.toString()} executions were cut off when the service last stopped`);
  }
}

function openDatabase(dataDir: string): Database.Database {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const db = new Database(storagePaths(dataDir).database);
  try {
    // The lock is held until the process ends, however it ends: two gateways on one directory would end each
    // other's executions. WAL with FULL: what is acknowledged survives a loss of power (sqlite.org/pragma.html).
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error;
    throw new Error(`DATA_DIR ${dataDir} is in use by another process`, { cause: error });
  }
}

/**
 * The driver lets go of the file only when its objects are collected. Leaving WAL and then exclusive locking writes
 * everything back and gives the lock up at once: the latter takes effect with the next read (sqlite.org/pragma.html).
 */
function closeDatabase(db: Database.Database): void {
  db.pragma('journal_mode = DELETE');
  db.pragma('locking_mode = NORMAL');
  db.pragma('user_version');
  db.close();
}

/** Not by get(), which finds nothing in the call that follows one that failed (libsql 0.5.29). */
const first = (statement: Database.Statement, parameters: object = {}): JobRow | undefined =>
  (statement.all(parameters) as JobRow[])[0];

/** The driver is synchronous; the port is not, and its faults are problems of the storage. */
function querying<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(new StorageUnavailableError(error));
  }
}

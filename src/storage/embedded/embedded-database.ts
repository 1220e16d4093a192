/** The embedded SQLite database, which this process alone may open. */
import { mkdirSync } from 'node:fs';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import Database from 'libsql';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import { StorageSettings, storagePaths } from '../../config/settings';
import { migrate } from './schema';

@Injectable()
export class EmbeddedDatabase implements OnApplicationShutdown {
  readonly db: Database.Database;

  /** @throws Error when another process has the database, or it cannot be opened */
  constructor(settings: StorageSettings) {
    this.db = openDatabase(settings.dataDir);
  }

  onApplicationShutdown(): void {
    closeDatabase(this.db);
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
export const getFirst = (statement: Database.Statement, parameters: object = {}): unknown =>
  statement.all(parameters)[0];

/** The driver is synchronous; the ports are not, and its faults are problems of the storage. */
export function runQuery<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(new StorageUnavailableError(error));
  }
}

import { mkdirSync } from 'node:fs';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import Database from 'libsql';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import { StorageSettings, storagePaths } from '../../config/settings';
import { migrate } from './schema';

/** The embedded SQLite database. Only one process may open it. */
@Injectable()
export class EmbeddedDatabase implements OnApplicationShutdown {
  readonly db: Database.Database;

  /** @throws Error if another process has opened the database, or if it cannot be opened */
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
    // The lock lasts until the process ends, however it ends. Two gateways on one directory would end each other's
    // executions. WAL with FULL: what is acknowledged survives a power failure (sqlite.org/pragma.html).
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
 * Releases the lock at once. The driver releases the file only when its objects are garbage-collected. Leaving WAL mode writes
 * everything to the main file; leaving exclusive locking takes effect with the next read (sqlite.org/pragma.html).
 */
function closeDatabase(db: Database.Database): void {
  db.pragma('journal_mode = DELETE');
  db.pragma('locking_mode = NORMAL');
  db.pragma('user_version');
  db.close();
}

/** Uses all(), because get() returns nothing in the call after one that failed (libsql 0.5.29). */
export const getFirst = (statement: Database.Statement, parameters: object = {}): unknown =>
  statement.all(parameters)[0];

/**
 * Adapts the synchronous driver to the asynchronous ports.
 * @throws StorageUnavailableError if the query fails
 */
export function runQuery<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(new StorageUnavailableError(error));
  }
}

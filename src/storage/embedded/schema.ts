import type Database from 'libsql';

/** The migrations: step n leads to schema version n + 1. Each runs once, in a transaction. */
const STEPS: readonly string[] = [
  `CREATE TABLE jobs (
     job_id TEXT PRIMARY KEY,
     language TEXT NOT NULL,
     s3_key TEXT NOT NULL,
     project TEXT,
     function_name TEXT,
     description TEXT,
     code_bytes INTEGER NOT NULL,
     created_at TEXT NOT NULL,
     status TEXT NOT NULL,
     verdict TEXT,
     attempt INTEGER NOT NULL,
     timeout_ms INTEGER,
     updated_at TEXT NOT NULL,
     started_at TEXT,
     completed_at TEXT,
     logs_attempt INTEGER,
     error_message TEXT,
     outcome TEXT,
     output TEXT
   ) STRICT;
   CREATE INDEX jobs_by_status ON jobs (status, job_id);
   CREATE INDEX jobs_by_language ON jobs (language, job_id);
   CREATE INDEX jobs_by_project ON jobs (project, job_id);`,
  'ALTER TABLE jobs ADD COLUMN fence TEXT;',
  `ALTER TABLE jobs ADD COLUMN execution_id TEXT;
   ALTER TABLE jobs ADD COLUMN dispatch TEXT;
   ALTER TABLE jobs ADD COLUMN due_at TEXT;
   ALTER TABLE jobs ADD COLUMN cancel_requested INTEGER;
   CREATE INDEX jobs_by_due_at ON jobs (due_at) WHERE due_at IS NOT NULL;
   CREATE TABLE queue (
     position INTEGER PRIMARY KEY AUTOINCREMENT,
     job_id TEXT NOT NULL,
     fence TEXT NOT NULL UNIQUE,
     visible_at TEXT NOT NULL
   ) STRICT;
   CREATE TABLE idempotency (
     id TEXT PRIMARY KEY,
     fingerprint TEXT NOT NULL,
     plan TEXT NOT NULL,
     created_at TEXT NOT NULL,
     answer TEXT
   ) STRICT;
   CREATE INDEX idempotency_by_created_at ON idempotency (created_at);
   CREATE TABLE callbacks (
     id TEXT PRIMARY KEY,
     job_id TEXT NOT NULL,
     url TEXT NOT NULL,
     body TEXT NOT NULL,
     created_at TEXT NOT NULL,
     due_at TEXT NOT NULL,
     tries INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX callbacks_by_due_at ON callbacks (due_at);`,
];

/** @throws Error if a newer version of the service has written the file */
export function migrate(db: Database.Database): void {
  const [row] = db.pragma('user_version') as [{ user_version: number }];
  if (row.user_version > STEPS.length) {
    throw new Error(
      `The database has schema version ${row.user_version.toString()}; this service knows versions up to ${STEPS.length.toString()}`,
    );
  }
  for (const [index, step] of STEPS.entries()) {
    if (index < row.user_version) continue;
    db.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${(index + 1).toString()}; COMMIT;`);
  }
}

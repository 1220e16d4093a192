/** Every SQL statement of the embedded storage. */
import type Database from 'libsql';
import type { JobFilter } from '../../jobs/job.repository';

const UPLOAD = 'job_id, language, s3_key, project, function_name, description, code_bytes, created_at';
const STATE =
  'status, verdict, attempt, timeout_ms, updated_at, started_at, completed_at, logs_attempt, error_message, fence, outcome';
const named = (columns: string): string[] => columns.split(', ');

export interface Statements {
  readonly create: Database.Statement;
  readonly find: Database.Statement;
  readonly has: Database.Statement;
  readonly transition: Database.Statement;
  readonly endAbandoned: Database.Statement;
  readonly ping: Database.Statement;
}

export function prepareStatements(db: Database.Database): Statements {
  const all = `${UPLOAD}, ${STATE}, output`;
  const parameters = named(all).map((column) => `@${column}`);
  const assignments = named(`${STATE}, output`).map((column) => `${column} = @${column}`);
  return {
    create: db.prepare(`INSERT INTO jobs (${all}) VALUES (${parameters.join(', ')})`),
    find: db.prepare(`SELECT ${all} FROM jobs WHERE job_id = @job_id`),
    has: db.prepare('SELECT 1 FROM jobs WHERE job_id = @job_id'),
    transition: db.prepare(
      `UPDATE jobs SET ${assignments.join(', ')}
       WHERE job_id = @job_id AND attempt = @from_attempt
         AND status IN (SELECT value FROM json_each(@from_statuses))
         AND (@any_fence OR fence IS @from_fence)
       RETURNING ${all}`,
    ),
    endAbandoned: db.prepare(
      `UPDATE jobs SET status = 'FAILED', verdict = 'ENGINE_ERROR', updated_at = @now, completed_at = @now,
         error_message = @error_message
       WHERE status IN ('QUEUED', 'RUNNING')`,
    ),
    ping: db.prepare('SELECT 1 FROM jobs LIMIT 1'),
  };
}

/** Newest first by keyset: the ids are UUIDv7, so their order is that of time. */
export function listStatement(
  filter: JobFilter,
  limit: number,
  after: string | undefined,
): { sql: string; parameters: Record<string, string | number> } {
  const { status, language, project } = filter;
  const given = Object.entries({ status, language, project, after }).filter(
    ([, value]) => value !== undefined,
  );
  const conditions = given.map(([name]) => (name === 'after' ? 'job_id < @after' : `${name} = @${name}`));
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return {
    sql: `SELECT ${UPLOAD}, ${STATE} FROM jobs ${where} ORDER BY job_id DESC LIMIT @limit`,
    parameters: { ...(Object.fromEntries(given) as Record<string, string>), limit },
  };
}

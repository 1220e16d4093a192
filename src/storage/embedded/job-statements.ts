import type Database from 'libsql';
import type { JobFilter } from '../../jobs/job.repository';

const UPLOAD_COLUMNS =
  'job_id, language, s3_key, project, function_name, description, code_bytes, created_at';
const STATE_COLUMNS =
  'status, verdict, attempt, timeout_ms, updated_at, started_at, completed_at, logs_attempt, error_message, fence, outcome, execution_id, dispatch, due_at, cancel_requested';
const SAME_FENCE_AND_DUE_AT =
  '(@any_fence OR fence IS @from_fence) AND (@any_due_at OR due_at IS @from_due_at)';
const splitColumns = (columns: string): string[] => columns.split(', ');

export interface JobStatements {
  readonly create: Database.Statement;
  readonly find: Database.Statement;
  readonly exists: Database.Statement;
  readonly transition: Database.Statement;
  readonly due: Database.Statement;
  readonly makeActiveDue: Database.Statement;
  readonly selectRequestKeys: Database.Statement;
  readonly ping: Database.Statement;
}

export function prepareJobStatements(db: Database.Database): JobStatements {
  const allColumns = `${UPLOAD_COLUMNS}, ${STATE_COLUMNS}, output`;
  const parameters = splitColumns(allColumns).map((column) => `@${column}`);
  const assignments = splitColumns(`${STATE_COLUMNS}, output`).map((column) => `${column} = @${column}`);
  return {
    create: db.prepare(`INSERT INTO jobs (${allColumns}) VALUES (${parameters.join(', ')})`),
    find: db.prepare(`SELECT ${allColumns} FROM jobs WHERE job_id = @job_id`),
    exists: db.prepare('SELECT 1 FROM jobs WHERE job_id = @job_id'),
    transition: db.prepare(
      `UPDATE jobs SET ${assignments.join(', ')}
       WHERE job_id = @job_id AND attempt = @from_attempt
         AND status IN (SELECT value FROM json_each(@from_statuses))
         AND ${SAME_FENCE_AND_DUE_AT}
       RETURNING ${allColumns}`,
    ),
    due: db.prepare(
      'SELECT job_id FROM jobs WHERE due_at IS NOT NULL AND due_at <= @now ORDER BY due_at LIMIT @limit',
    ),
    makeActiveDue: db.prepare(`UPDATE jobs SET due_at = @now WHERE status IN ('QUEUED', 'RUNNING')`),
    selectRequestKeys: db.prepare(
      `SELECT json_extract(dispatch, '$.requestKey') AS key FROM jobs WHERE status IN ('QUEUED', 'RUNNING')`,
    ),
    ping: db.prepare('SELECT 1 FROM jobs LIMIT 1'),
  };
}

/** Updates only these columns, under a guard. */
export function updateFieldsStatement(columns: readonly string[]): string {
  const assignments = columns.map((column) => `${column} = @${column}`);
  return `UPDATE jobs SET ${assignments.join(', ')}
          WHERE job_id = @job_id AND attempt = @from_attempt
            AND status IN (SELECT value FROM json_each(@from_statuses))
            AND ${SAME_FENCE_AND_DUE_AT}
          RETURNING ${UPLOAD_COLUMNS}, ${STATE_COLUMNS}, output`;
}

/** Keyset pagination, newest first. Ids are UUIDv7, so they sort by time. */
export function listStatement(
  filter: JobFilter,
  limit: number,
  after: string | undefined,
): { sql: string; parameters: Record<string, string | number> } {
  const { status, language, project } = filter;
  const presentFilters = Object.entries({ status, language, project, after }).filter(
    ([, value]) => value !== undefined,
  );
  const conditions = presentFilters.map(([name]) =>
    name === 'after' ? 'job_id < @after' : `${name} = @${name}`,
  );
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return {
    sql: `SELECT ${UPLOAD_COLUMNS}, ${STATE_COLUMNS} FROM jobs ${where} ORDER BY job_id DESC LIMIT @limit`,
    parameters: { ...(Object.fromEntries(presentFilters) as Record<string, string>), limit },
  };
}

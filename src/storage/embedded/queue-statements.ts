import type Database from 'libsql';

export interface QueueStatements {
  readonly makeAllVisible: Database.Statement;
  readonly send: Database.Statement;
  readonly selectVisible: Database.Statement;
  readonly selectNextVisibleAt: Database.Statement;
  readonly deleteByPosition: Database.Statement;
  readonly hideUntil: Database.Statement;
  readonly deleteByFence: Database.Statement;
  readonly selectPosition: Database.Statement;
  readonly ping: Database.Statement;
}

/** Earlier than any current time, even if the clock is set back. */
const ALWAYS = "'1970-01-01T00:00:00.000Z'";
/** `@delivered` is a JSON array of positions. */
const NOT_DELIVERED = 'position NOT IN (SELECT value FROM json_each(@delivered))';

export function prepareQueueStatements(db: Database.Database): QueueStatements {
  return {
    makeAllVisible: db.prepare(`UPDATE queue SET visible_at = ${ALWAYS} WHERE visible_at > ${ALWAYS}`),
    send: db.prepare(
      `INSERT INTO queue (job_id, fence, visible_at) VALUES (@job_id, @fence, ${ALWAYS})
       ON CONFLICT (fence) DO NOTHING`,
    ),
    selectVisible: db.prepare(
      `SELECT position, job_id, fence FROM queue WHERE visible_at <= @now AND ${NOT_DELIVERED}
       ORDER BY position LIMIT @limit`,
    ),
    selectNextVisibleAt: db.prepare(`SELECT min(visible_at) AS visible_at FROM queue WHERE ${NOT_DELIVERED}`),
    deleteByPosition: db.prepare('DELETE FROM queue WHERE position = @position'),
    hideUntil: db.prepare('UPDATE queue SET visible_at = @visible_at WHERE position = @position'),
    deleteByFence: db.prepare('DELETE FROM queue WHERE fence = @fence'),
    selectPosition: db.prepare(
      `SELECT (SELECT count(*) FROM queue
               WHERE position <= self.position AND ${NOT_DELIVERED}) AS ahead
       FROM queue AS self WHERE fence = @fence AND ${NOT_DELIVERED}`,
    ),
    ping: db.prepare('SELECT 1 FROM queue LIMIT 1'),
  };
}

/** Every SQL statement of the embedded queue. */
import type Database from 'libsql';

export interface QueueStatements {
  readonly showAll: Database.Statement;
  readonly send: Database.Statement;
  readonly visible: Database.Statement;
  readonly nextVisible: Database.Statement;
  readonly accept: Database.Statement;
  readonly giveBack: Database.Statement;
  readonly remove: Database.Statement;
  readonly position: Database.Statement;
  readonly ping: Database.Statement;
}

/** Before every `now`, also when the clock is set back. */
const ALWAYS = "'1970-01-01T00:00:00.000Z'";
/** Of a JSON array of positions. */
const NOT_DELIVERED = 'position NOT IN (SELECT value FROM json_each(@delivered))';

export function prepareQueueStatements(db: Database.Database): QueueStatements {
  return {
    showAll: db.prepare(`UPDATE queue SET visible_at = ${ALWAYS} WHERE visible_at > ${ALWAYS}`),
    send: db.prepare(
      `INSERT INTO queue (job_id, fence, visible_at) VALUES (@job_id, @fence, ${ALWAYS})
       ON CONFLICT (fence) DO NOTHING`,
    ),
    visible: db.prepare(
      `SELECT position, job_id, fence FROM queue WHERE visible_at <= @now AND ${NOT_DELIVERED}
       ORDER BY position LIMIT @limit`,
    ),
    nextVisible: db.prepare(`SELECT min(visible_at) AS visible_at FROM queue WHERE ${NOT_DELIVERED}`),
    accept: db.prepare('DELETE FROM queue WHERE position = @position'),
    giveBack: db.prepare('UPDATE queue SET visible_at = @visible_at WHERE position = @position'),
    remove: db.prepare('DELETE FROM queue WHERE fence = @fence'),
    position: db.prepare(
      `SELECT (SELECT count(*) FROM queue
               WHERE position <= self.position AND ${NOT_DELIVERED}) AS ahead
       FROM queue AS self WHERE fence = @fence AND ${NOT_DELIVERED}`,
    ),
    ping: db.prepare('SELECT 1 FROM queue LIMIT 1'),
  };
}

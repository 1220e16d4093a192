import { Injectable } from '@nestjs/common';
import type Database from 'libsql';
import {
  type IdempotencyPlan,
  type IdempotencyRecord,
  IdempotencyRepository,
  type StoredResponse,
  latestExpiredCreation,
} from '../../jobs/idempotency.repository';
import { EmbeddedDatabase, getFirst, runQuery } from './embedded-database';

/** Expired records that one claim removes at most: more than it adds, so that they do not pile up. */
const EXPIRED_REMOVED_MAX = 10;

interface Row {
  readonly id: string;
  readonly fingerprint: string;
  readonly plan: string;
  readonly created_at: string;
  readonly answer: string | null;
}

/** Idempotency records in the embedded database. */
@Injectable()
export class SqliteIdempotencyRepository extends IdempotencyRepository {
  private readonly statements: ReturnType<typeof prepareStatements>;

  constructor({ db }: EmbeddedDatabase) {
    super();
    this.statements = prepareStatements(db);
  }

  claim(record: IdempotencyRecord): Promise<IdempotencyRecord> {
    return runQuery(() => {
      const latest_expired = latestExpiredCreation(record.createdAt);
      this.statements.removeExpired.run({ latest_expired, limit: EXPIRED_REMOVED_MAX });
      this.statements.claim.run({ ...recordToRow(record), latest_expired });
      const row = getFirst(this.statements.find, { id: record.id }) as Row | undefined;
      if (!row) throw new Error('A record that was just written was not found');
      return rowToRecord(row);
    });
  }

  complete(record: IdempotencyRecord, response: StoredResponse): Promise<StoredResponse> {
    return runQuery(() => {
      const row = recordToRow({ ...record, response });
      this.statements.complete.run(row);
      const found = getFirst(this.statements.find, { id: row.id }) as Row | undefined;
      const stored = found?.plan === row.plan ? rowToRecord(found).response : null;
      return stored ?? response;
    });
  }

  release({ id, plan }: IdempotencyRecord): Promise<void> {
    return runQuery(() => {
      this.statements.release.run({ id, plan: JSON.stringify(plan) });
    });
  }
}

function prepareStatements(db: Database.Database) {
  const columns = 'id, fingerprint, plan, created_at, answer';
  const insert = `INSERT INTO idempotency (${columns}) VALUES (@id, @fingerprint, @plan, @created_at, @answer)`;
  return {
    removeExpired: db.prepare(
      `DELETE FROM idempotency WHERE id IN
         (SELECT id FROM idempotency WHERE created_at <= @latest_expired ORDER BY created_at LIMIT @limit)`,
    ),
    claim: db.prepare(
      `${insert} ON CONFLICT (id) DO UPDATE SET
         fingerprint = excluded.fingerprint, plan = excluded.plan, created_at = excluded.created_at, answer = NULL
       WHERE created_at <= @latest_expired`,
    ),
    find: db.prepare(`SELECT ${columns} FROM idempotency WHERE id = @id`),
    complete: db.prepare(
      `${insert} ON CONFLICT (id) DO UPDATE SET answer = excluded.answer
       WHERE answer IS NULL AND plan = excluded.plan`,
    ),
    release: db.prepare('DELETE FROM idempotency WHERE id = @id AND plan = @plan AND answer IS NULL'),
  };
}

const recordToRow = ({ id, fingerprint, plan, createdAt, response }: IdempotencyRecord): Row => ({
  id,
  fingerprint,
  plan: JSON.stringify(plan),
  created_at: createdAt,
  answer: response && JSON.stringify(response),
});

const rowToRecord = ({ id, fingerprint, plan, created_at, answer }: Row): IdempotencyRecord => ({
  id,
  fingerprint,
  plan: JSON.parse(plan) as IdempotencyPlan,
  createdAt: created_at,
  response: answer === null ? null : (JSON.parse(answer) as StoredResponse),
});

import { Injectable } from '@nestjs/common';
import type Database from 'libsql';
import { type Webhook, WebhookRepository } from '../../jobs/webhook.repository';
import { EmbeddedDatabase, runQuery } from './embedded-database';

const COLUMNS = 'id, job_id, url, body, created_at, due_at, tries';

interface WebhookRow {
  readonly id: string;
  readonly job_id: string;
  readonly url: string;
  readonly body: string;
  readonly created_at: string;
  readonly due_at: string;
  readonly tries: number;
}

interface Statements {
  readonly create: Database.Statement;
  readonly due: Database.Statement;
  readonly postpone: Database.Statement;
  readonly remove: Database.Statement;
}

/** Webhooks in the embedded database. */
@Injectable()
export class SqliteWebhookRepository extends WebhookRepository {
  private readonly statements: Statements;

  constructor({ db }: EmbeddedDatabase) {
    super();
    this.statements = prepareStatements(db);
  }

  create(webhook: Webhook): Promise<void> {
    return runQuery(() => {
      this.statements.create.run(webhookToRow(webhook));
    });
  }

  findDue(now: string, limit: number): Promise<readonly Webhook[]> {
    return runQuery(() => (this.statements.due.all({ now, limit }) as WebhookRow[]).map(rowToWebhook));
  }

  postpone(seen: Webhook, dueAt: string, tries: number): Promise<boolean> {
    return runQuery(() => {
      const { changes } = this.statements.postpone.run({
        id: seen.id,
        seen_due_at: seen.dueAt,
        seen_tries: seen.tries,
        due_at: dueAt,
        tries,
      });
      return changes > 0;
    });
  }

  remove(id: string): Promise<void> {
    return runQuery(() => {
      this.statements.remove.run({ id });
    });
  }
}

function prepareStatements(db: Database.Database): Statements {
  const parameters = COLUMNS.split(', ').map((column) => `@${column}`);
  return {
    create: db.prepare(
      `INSERT INTO callbacks (${COLUMNS}) VALUES (${parameters.join(', ')}) ON CONFLICT (id) DO NOTHING`,
    ),
    due: db.prepare(`SELECT ${COLUMNS} FROM callbacks WHERE due_at <= @now ORDER BY due_at, id LIMIT @limit`),
    postpone: db.prepare(
      `UPDATE callbacks SET due_at = @due_at, tries = @tries
       WHERE id = @id AND due_at = @seen_due_at AND tries = @seen_tries`,
    ),
    remove: db.prepare('DELETE FROM callbacks WHERE id = @id'),
  };
}

const webhookToRow = (webhook: Webhook): WebhookRow => ({
  id: webhook.id,
  job_id: webhook.jobId,
  url: webhook.url,
  body: webhook.body,
  created_at: webhook.createdAt,
  due_at: webhook.dueAt,
  tries: webhook.tries,
});

const rowToWebhook = (row: WebhookRow): Webhook => ({
  id: row.id,
  jobId: row.job_id,
  url: row.url,
  body: row.body,
  createdAt: row.created_at,
  dueAt: row.due_at,
  tries: row.tries,
});

import { isDeepStrictEqual } from 'node:util';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type Database from 'libsql';
import type { Job, JobState } from '../../jobs/job';
import {
  type JobFieldUpdate,
  type TransitionGuard,
  type JobFilter,
  type JobPage,
  JobRepository,
  type TransitionResult,
} from '../../jobs/job.repository';
import {
  type JobColumns,
  fieldUpdateToColumns,
  jobToColumns,
  columnsToJob,
  stateToColumns,
} from '../job-columns';
import { resolveUpdateConflict, resolveConflict } from '../resolve-conflict';
import { EmbeddedDatabase, getFirst, runQuery } from './embedded-database';
import {
  type JobStatements,
  updateFieldsStatement,
  listStatement,
  prepareJobStatements,
} from './job-statements';

/** Jobs in the embedded database. */
@Injectable()
export class SqliteJobRepository extends JobRepository implements OnModuleInit {
  private readonly logger = new Logger(SqliteJobRepository.name);
  private readonly db: Database.Database;
  private readonly statements: JobStatements;

  constructor({ db }: EmbeddedDatabase) {
    super();
    this.db = db;
    this.statements = prepareJobStatements(this.db);
  }

  create(job: Job): Promise<void> {
    return runQuery(() => {
      try {
        this.statements.create.run(jobToColumns(job));
      } catch (error) {
        if (!isDeepStrictEqual(this.findRow(job.jobId), job)) throw error;
      }
    });
  }

  find(jobId: string): Promise<Job | undefined> {
    return runQuery(() => this.findRow(jobId));
  }

  transition(jobId: string, guard: TransitionGuard, to: JobState): Promise<TransitionResult> {
    return runQuery((): TransitionResult => {
      const [row] = this.statements.transition.all({
        ...stateToColumns(to),
        ...guardParameters(jobId, guard),
      }) as JobColumns[];
      if (row) return { kind: 'changed', job: columnsToJob(row) };
      return resolveConflict(this.findRow(jobId), to);
    });
  }

  updateFields(jobId: string, guard: TransitionGuard, update: JobFieldUpdate): Promise<TransitionResult> {
    return runQuery((): TransitionResult => {
      const columns = fieldUpdateToColumns(update);
      const statement = this.db.prepare(updateFieldsStatement(Object.keys(columns)));
      const [row] = statement.all({ ...columns, ...guardParameters(jobId, guard) }) as JobColumns[];
      if (row) return { kind: 'changed', job: columnsToJob(row) };
      return resolveUpdateConflict(this.findRow(jobId), guard, update);
    });
  }

  findDue(now: string, limit: number): Promise<readonly string[]> {
    return runQuery(() => {
      const rows = this.statements.due.all({ now, limit }) as Pick<JobColumns, 'job_id'>[];
      return rows.map((row) => row.job_id);
    });
  }

  list(filter: JobFilter, limit: number, after: string | undefined): Promise<JobPage> {
    return runQuery(() => {
      const { sql, parameters } = listStatement(filter, limit + 1, after);
      const rows = this.db.prepare(sql).all(parameters) as JobColumns[];
      const jobs = rows.slice(0, limit).map(columnsToJob);
      return { jobs, nextAfter: rows.length > limit ? jobs.at(-1)?.jobId : undefined };
    });
  }

  ping(): Promise<void> {
    return runQuery(() => {
      getFirst(this.statements.ping);
    });
  }

  /** Whether the job exists. Code without a job is left from an unfinished upload. */
  exists(jobId: string): boolean {
    return getFirst(this.statements.exists, { job_id: jobId }) !== undefined;
  }

  /** The keys of the stored requests that queued and running executions still need. */
  findActiveRequestKeys(): ReadonlySet<string | null> {
    const rows = this.statements.selectRequestKeys.all({}) as { key: string | null }[];
    return new Set(rows.map(({ key }) => key));
  }

  private findRow(jobId: string): Job | undefined {
    const row = getFirst(this.statements.find, { job_id: jobId }) as JobColumns | undefined;
    return row && columnsToJob(row);
  }

  /** Makes active executions due: they belonged to a process that has ended, because this one holds the database lock. */
  onModuleInit(): void {
    const { changes } = this.statements.makeActiveDue.run({ now: new Date().toISOString() });
    if (changes > 0)
      this.logger.warn(
        { count: changes },
        'found executions that were queued or running when the service stopped',
      );
  }
}

const guardParameters = (jobId: string, { statuses, attempt, fence, dueAt }: TransitionGuard) => ({
  job_id: jobId,
  from_attempt: attempt,
  from_statuses: JSON.stringify(statuses),
  any_fence: fence === undefined ? 1 : 0,
  from_fence: fence ?? null,
  any_due_at: dueAt === undefined ? 1 : 0,
  from_due_at: dueAt ?? null,
});

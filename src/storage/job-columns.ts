import type { Verdict } from '../engine-contract/report';
import type { Dispatch, Job, JobState, JobStatus, Outcome } from '../jobs/job';
import type { JobFieldUpdate } from '../jobs/job.repository';

// The stored form of a job, for both backends: the columns of a SQLite row are the attributes of a DynamoDB item. The outcome is
// in two JSON columns: `outcome`, which lists read, and `output`, which may be large and which they do not read.

type Output = Pick<Outcome, 'stdout' | 'stderr' | 'compile' | 'results'>;
const NO_OUTPUT: Output = { stdout: '', stderr: '', compile: null };

export interface StateColumns {
  readonly status: string;
  readonly verdict: string | null;
  readonly attempt: number;
  readonly timeout_ms: number | null;
  readonly updated_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly logs_attempt: number | null;
  readonly error_message: string | null;
  readonly fence: string | null;
  readonly execution_id: string | null;
  readonly dispatch: string | null;
  readonly due_at: string | null;
  readonly cancel_requested: number | null;
  readonly outcome: string | null;
  /** Undefined if the row was read by a list. */
  readonly output?: string | null;
}

export interface JobColumns extends StateColumns {
  readonly job_id: string;
  readonly language: string;
  readonly s3_key: string;
  readonly project: string | null;
  readonly function_name: string | null;
  readonly description: string | null;
  readonly code_bytes: number;
  readonly created_at: string;
}

export function stateToColumns(state: JobState): StateColumns {
  const { stdout, stderr, compile, results, ...small } = state.outcome ?? NO_OUTPUT;
  return {
    status: state.status,
    verdict: state.verdict,
    attempt: state.attempt,
    timeout_ms: state.timeoutMs,
    updated_at: state.updatedAt,
    started_at: state.startedAt,
    completed_at: state.completedAt,
    logs_attempt: state.logsAttempt,
    error_message: state.errorMessage,
    fence: state.fence,
    execution_id: state.executionId,
    ...fieldUpdateToColumns(state),
    outcome: state.outcome && JSON.stringify(small),
    output: state.outcome && JSON.stringify({ stdout, stderr, compile, results }),
  };
}

type FieldUpdateColumns = Pick<StateColumns, 'dispatch' | 'due_at' | 'cancel_requested'>;

export function fieldUpdateToColumns(update: Required<JobFieldUpdate>): FieldUpdateColumns;
export function fieldUpdateToColumns(update: JobFieldUpdate): Partial<FieldUpdateColumns>;
export function fieldUpdateToColumns({
  dispatch,
  dueAt,
  cancelRequested,
}: JobFieldUpdate): Partial<FieldUpdateColumns> {
  return {
    ...(dispatch !== undefined && { dispatch: dispatch && JSON.stringify(dispatch) }),
    ...(dueAt !== undefined && { due_at: dueAt }),
    ...(cancelRequested !== undefined && { cancel_requested: cancelRequested ? 1 : null }),
  };
}

export function jobToColumns(job: Job): JobColumns {
  return {
    job_id: job.jobId,
    language: job.language,
    s3_key: job.s3Key,
    project: job.project,
    function_name: job.functionName,
    description: job.description,
    code_bytes: job.codeBytes,
    created_at: job.createdAt,
    ...stateToColumns(job),
  };
}

export function columnsToJob(row: JobColumns): Job {
  return {
    jobId: row.job_id,
    language: row.language,
    s3Key: row.s3_key,
    project: row.project,
    functionName: row.function_name,
    description: row.description,
    codeBytes: row.code_bytes,
    createdAt: row.created_at,
    status: row.status as JobStatus,
    verdict: row.verdict as Verdict | null,
    attempt: row.attempt,
    timeoutMs: row.timeout_ms,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    logsAttempt: row.logs_attempt,
    errorMessage: row.error_message,
    fence: row.fence,
    executionId: row.execution_id,
    dispatch: row.dispatch === null ? null : (JSON.parse(row.dispatch) as Dispatch),
    dueAt: row.due_at,
    cancelRequested: row.cancel_requested !== null,
    outcome: row.outcome === null ? null : parseOutcome(row.outcome, row.output ?? null),
  };
}

function parseOutcome(small: string, output: string | null): Outcome {
  const rest = output === null ? NO_OUTPUT : (JSON.parse(output) as Output);
  return { ...(JSON.parse(small) as Omit<Outcome, keyof Output>), ...rest };
}

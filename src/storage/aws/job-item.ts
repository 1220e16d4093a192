/**
 * Jobs as items: the columns of a job as attributes, with the output compressed. DynamoDB rejects items over 400 KB and bills
 * writes by the KB. Four previews of 64 KiB of the text that compresses worst make an item of 283 KB
 * (test/contract/job-item.slow.contract-spec.ts).
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Job, JobState } from '../../jobs/job';
import type { JobFieldUpdate } from '../../jobs/job.repository';
import {
  type JobColumns,
  type StateColumns,
  fieldUpdateToColumns,
  jobToColumns,
  columnsToJob,
  stateToColumns,
} from '../job-columns';
import { BUCKET, DUE_AT, DUE_BUCKET, TTL_ATTRIBUTE } from './table';

const DAY_MS = 24 * 60 * 60 * 1000;

export type Attributes = Readonly<Record<string, unknown>>;

/** @param retentionDays until the item expires, counted from `createdAt` */
export async function jobToItem(job: Job, listShards: number, retentionDays: number): Promise<Attributes> {
  const expiresAtMs = Date.parse(job.createdAt) + retentionDays * DAY_MS;
  return {
    ...withoutNulls(withDueBucket(await compressOutput(jobToColumns(job)), job.jobId, listShards)),
    [BUCKET]: bucketOf(job.jobId, listShards),
    [TTL_ATTRIBUTE]: Math.floor(expiresAtMs / 1000),
  };
}

/** @returns every attribute of the state; those that are null must be removed from the item */
export const stateToAttributes = async (
  state: JobState,
  jobId: string,
  listShards: number,
): Promise<Attributes> => withDueBucket(await compressOutput(stateToColumns(state)), jobId, listShards);

export const fieldUpdateToAttributes = (
  update: JobFieldUpdate,
  jobId: string,
  listShards: number,
): Attributes => withDueBucket(fieldUpdateToColumns(update), jobId, listShards);

/** Adds the bucket of the due index if there is a due time; without one, the bucket is null too. */
function withDueBucket(attributes: Attributes, jobId: string, listShards: number): Attributes {
  const dueAt = attributes[DUE_AT];
  if (dueAt === undefined) return attributes;
  return { ...attributes, [DUE_BUCKET]: dueAt === null ? null : bucketOf(jobId, listShards) };
}

/** @param item an item of the table, or of the list index, which has no output */
export async function itemToJob(item: Attributes): Promise<Job> {
  const { output, ...rest } = item as { output?: Uint8Array };
  return columnsToJob({
    ...ABSENT_ATTRIBUTES,
    ...(rest as JobColumns),
    output: output === undefined ? null : (await promisify(gunzip)(output)).toString('utf8'),
  });
}

/** The attributes that an item may lack. */
const ABSENT_ATTRIBUTES = {
  project: null,
  function_name: null,
  description: null,
  verdict: null,
  timeout_ms: null,
  started_at: null,
  completed_at: null,
  logs_attempt: null,
  error_message: null,
  fence: null,
  outcome: null,
  execution_id: null,
  dispatch: null,
  due_at: null,
  cancel_requested: null,
};

/** The last 32 bits of a UUIDv7 are random (RFC 9562, 5.7). */
export const bucketOf = (jobId: string, listShards: number): number =>
  Number.parseInt(jobId.slice(-8), 16) % listShards;

/** Compresses on the thread pool, not on the event loop. */
async function compressOutput(columns: StateColumns): Promise<Attributes> {
  const { output, ...rest } = columns;
  return { ...rest, output: typeof output === 'string' ? await promisify(gzip)(output) : null };
}

const withoutNulls = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null));

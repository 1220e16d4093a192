/**
 * Callbacks as items of the table of jobs, under keys that no job has. They are in the index of what is due, in buckets of
 * their own, and in no list. The body is compressed as a job's output is, and about as large.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Callback } from '../../jobs/callback.repository';
import { type Attributes, bucketOf } from './job-item';
import { DUE_AT, DUE_BUCKET, PARTITION_KEY, TTL_ATTRIBUTE } from './table';

/** Nobody is called for as long as this; it removes what nobody looked after. */
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

interface CallbackItem {
  readonly id: string;
  readonly callback_job_id: string;
  readonly url: string;
  readonly body: Uint8Array;
  readonly created_at: string;
  readonly due_at: string;
  readonly tries: number;
}

export const callbackKey = (id: string): string => `callback#${id}`;

/** Jobs have the buckets from 0 on. */
export const callbackBucket = (bucket: number): number => -1 - bucket;

export async function callbackToItem(callback: Callback, listShards: number): Promise<Attributes> {
  const columns: CallbackItem = {
    id: callback.id,
    callback_job_id: callback.jobId,
    url: callback.url,
    body: await promisify(gzip)(callback.body),
    created_at: callback.createdAt,
    [DUE_AT]: callback.dueAt,
    tries: callback.tries,
  };
  return {
    ...columns,
    [PARTITION_KEY]: callbackKey(callback.id),
    [DUE_BUCKET]: callbackBucket(bucketOf(callback.jobId, listShards)),
    [TTL_ATTRIBUTE]: Math.floor((Date.parse(callback.createdAt) + WEEK_MS) / 1000),
  };
}

export async function itemToCallback(item: Attributes): Promise<Callback> {
  const columns = item as unknown as CallbackItem;
  return {
    id: columns.id,
    jobId: columns.callback_job_id,
    url: columns.url,
    body: (await promisify(gunzip)(columns.body)).toString('utf8'),
    createdAt: columns.created_at,
    dueAt: columns.due_at,
    tries: columns.tries,
  };
}

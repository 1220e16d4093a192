/**
 * Callbacks as items of the table of jobs, under keys that no job has. They are in the index of what is due, in buckets of
 * their own, and in no list. The body is compressed as a job's output is, and about as large.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Webhook } from '../../jobs/webhook.repository';
import { type Attributes, bucketOf } from './job-item';
import { DUE_AT, DUE_BUCKET, PARTITION_KEY, TTL_ATTRIBUTE } from './table';

/** Nobody is called for as long as this; it removes what nobody looked after. */
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

interface WebhookItem {
  readonly id: string;
  readonly callback_job_id: string;
  readonly url: string;
  readonly body: Uint8Array;
  readonly created_at: string;
  readonly due_at: string;
  readonly tries: number;
}

export const webhookKey = (id: string): string => `callback#${id}`;

/** Jobs have the buckets from 0 on. */
export const webhookBucket = (bucket: number): number => -1 - bucket;

export async function webhookToItem(callback: Webhook, listShards: number): Promise<Attributes> {
  const columns: WebhookItem = {
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
    [PARTITION_KEY]: webhookKey(callback.id),
    [DUE_BUCKET]: webhookBucket(bucketOf(callback.jobId, listShards)),
    [TTL_ATTRIBUTE]: Math.floor((Date.parse(callback.createdAt) + WEEK_MS) / 1000),
  };
}

export async function itemToWebhook(item: Attributes): Promise<Webhook> {
  const columns = item as unknown as WebhookItem;
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

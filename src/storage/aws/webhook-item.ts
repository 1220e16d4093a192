/**
 * Webhooks as items of the table of jobs, under keys that no job has. They are in the due index, in buckets of their own, and
 * in no list. The body is compressed like the output of a job, and about as large.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Webhook } from '../../jobs/webhook.repository';
import { type Attributes, bucketOf } from './job-item';
import { DUE_AT, DUE_BUCKET, PARTITION_KEY, TTL_ATTRIBUTE } from './table';

/** Longer than any webhook is retried. After it, DynamoDB deletes items that no process removed. */
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

/** Negative, because the buckets of jobs start at 0. */
export const webhookBucket = (bucket: number): number => -1 - bucket;

export async function webhookToItem(webhook: Webhook, listShards: number): Promise<Attributes> {
  const columns: WebhookItem = {
    id: webhook.id,
    callback_job_id: webhook.jobId,
    url: webhook.url,
    body: await promisify(gzip)(webhook.body),
    created_at: webhook.createdAt,
    [DUE_AT]: webhook.dueAt,
    tries: webhook.tries,
  };
  return {
    ...columns,
    [PARTITION_KEY]: webhookKey(webhook.id),
    [DUE_BUCKET]: webhookBucket(bucketOf(webhook.jobId, listShards)),
    [TTL_ATTRIBUTE]: Math.floor((Date.parse(webhook.createdAt) + WEEK_MS) / 1000),
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

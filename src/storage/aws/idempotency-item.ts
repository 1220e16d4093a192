/**
 * Idempotency records as items of the table of jobs; they are in none of its indexes. The response is compressed, because
 * DynamoDB rejects items over 400 KB, and a response can hold four previews of 64 KiB, which JSON escapes make longer
 * (test/contract/idempotency-item.contract-spec.ts).
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  type IdempotencyPlan,
  type IdempotencyRecord,
  RECORD_MS_MAX,
  type StoredResponse,
} from '../../jobs/idempotency.repository';
import { PARTITION_KEY, TTL_ATTRIBUTE } from './table';

export interface IdempotencyItem {
  readonly [PARTITION_KEY]: string;
  readonly fingerprint: string;
  readonly plan: string;
  readonly created_at: string;
  readonly [TTL_ATTRIBUTE]: number;
  readonly answer?: Uint8Array;
}

/** No job id starts like this. */
const KEY_PREFIX = 'idempotency#';

export const keyOf = (id: string): { [PARTITION_KEY]: string } => ({ [PARTITION_KEY]: KEY_PREFIX + id });

export async function recordToItem(record: IdempotencyRecord): Promise<IdempotencyItem> {
  const { id, fingerprint, plan, createdAt, response } = record;
  return {
    ...keyOf(id),
    fingerprint,
    plan: JSON.stringify(plan),
    created_at: createdAt,
    // DynamoDB deletes expired items within a few days.
    [TTL_ATTRIBUTE]: Math.ceil((Date.parse(createdAt) + RECORD_MS_MAX) / 1000),
    ...(response && { answer: await compressResponse(response) }),
  };
}

export async function itemToRecord(item: IdempotencyItem): Promise<IdempotencyRecord> {
  return {
    id: item[PARTITION_KEY].slice(KEY_PREFIX.length),
    fingerprint: item.fingerprint,
    plan: JSON.parse(item.plan) as IdempotencyPlan,
    createdAt: item.created_at,
    response: item.answer === undefined ? null : await decompressResponse(item.answer),
  };
}

/** Appends the body as it is: as a string inside JSON it would be escaped once more, and longer. */
function compressResponse({ body, ...head }: StoredResponse): Promise<Buffer> {
  return promisify(gzip)(`${JSON.stringify(head)}\n${body}`);
}

async function decompressResponse(compressed: Uint8Array): Promise<StoredResponse> {
  const text = (await promisify(gunzip)(compressed)).toString('utf8');
  const end = text.indexOf('\n');
  return { ...(JSON.parse(text.slice(0, end)) as Omit<StoredResponse, 'body'>), body: text.slice(end + 1) };
}

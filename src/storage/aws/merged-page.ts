import { IndexBucketReader, type ReadPart } from './index-bucket-reader';
import type { Attributes } from './job-item';
import { PARTITION_KEY } from './table';

/** Entries that one page reads at most to find those that match its filter: about 600 read units at 0.5 KB an entry. */
const EVALUATED_MAX = 10_000;
/** Entries that one query reads at most. */
const PART_MAX = 1000;

export interface MergedPage {
  readonly items: readonly Attributes[];
  /** The id after which the next page starts; undefined on the last page. */
  readonly nextAfter: string | undefined;
}

/**
 * Merges the buckets of the list index into one page, newest first.
 *
 * The first round of queries reads twice an even share of the page from each bucket. Jobs are spread over the buckets at
 * random, so this is nearly always enough. Each further round reads twice as much, but only from buckets whose entries are used
 * up, so that a filter which few jobs match needs few queries. After EVALUATED_MAX entries the page ends as it is.
 *
 * @param readers one for each bucket
 * @param limit items on the page
 * @param after the id before the page; undefined starts with the newest job
 */
export async function readMergedPage(
  readers: readonly ReadPart[],
  limit: number,
  after: string | undefined,
): Promise<MergedPage> {
  const buckets = readers.map((read) => new IndexBucketReader(read, after));
  const items: Attributes[] = [];
  let evaluated = 0;
  let partSize = Math.ceil((2 * limit) / buckets.length);
  for (;;) {
    const unread = buckets.filter((bucket) => bucket.needsRead);
    if (unread.length > 0) {
      if (evaluated >= EVALUATED_MAX) return endEarly(buckets, items, limit);
      const remaining = Math.ceil((EVALUATED_MAX - evaluated) / unread.length);
      const size = Math.min(partSize, PART_MAX, remaining);
      const parts = await Promise.all(unread.map((bucket) => bucket.read(size)));
      for (const part of parts) evaluated += part.evaluated;
      partSize *= 2;
      continue;
    }
    const bucket = bucketWithNewest(buckets);
    if (!bucket?.newest) return { items, nextAfter: undefined };
    if (items.length === limit) return { items, nextAfter: idOf(items.at(-1)) };
    items.push(bucket.newest);
    bucket.dropNewest();
  }
}

/** Adds the entries that are newer than everything unread. The next page starts where the bucket that was read least stopped. */
function endEarly(
  buckets: readonly IndexBucketReader[],
  found: readonly Attributes[],
  limit: number,
): MergedPage {
  const positions = buckets.map(({ readDownTo }) => readDownTo).filter((id) => id !== undefined);
  const position = positions.sort().at(-1) ?? '';
  const items = [...found];
  for (let bucket = bucketWithNewest(buckets); bucket?.newest; bucket = bucketWithNewest(buckets)) {
    if (idOf(bucket.newest) < position) break;
    if (items.length === limit) return { items, nextAfter: idOf(items.at(-1)) };
    items.push(bucket.newest);
    bucket.dropNewest();
  }
  return { items, nextAfter: position };
}

/** The bucket with the newest entry that was not taken yet. Ids are UUIDv7, so they sort by time. */
function bucketWithNewest(buckets: readonly IndexBucketReader[]): IndexBucketReader | undefined {
  return buckets.reduce<IndexBucketReader | undefined>(
    (best, bucket) => (idOf(bucket.newest) > idOf(best?.newest) ? bucket : best),
    undefined,
  );
}

const idOf = (item: Attributes | undefined): string => (item?.[PARTITION_KEY] as string | undefined) ?? '';

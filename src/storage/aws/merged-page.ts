/** One page of the list out of all buckets: read side by side, merged by id, and resumable wherever it stops. */
import { BucketReader, type ReadPart } from './bucket-reader';
import type { Attributes } from './job-item';
import { PARTITION_KEY } from './table';

/** Entries that one page may evaluate in search of those that match its filter: about 600 read units at 0.5 KB each. */
const EVALUATED_MAX = 10_000;
/** Entries of one read of a bucket. */
const PART_MAX = 1000;

export interface MergedPage {
  readonly items: readonly Attributes[];
  /** The id after which the next page begins; undefined when there is nothing more. */
  readonly nextAfter: string | undefined;
}

/**
 * @param readers one for each bucket, which gives a part of it after an id
 * @param limit items of the page
 */
export async function mergedPage(
  readers: readonly ReadPart[],
  limit: number,
  after: string | undefined,
): Promise<MergedPage> {
  const buckets = readers.map((read) => new BucketReader(read, after));
  const items: Attributes[] = [];
  let [evaluated, matched] = [0, 0];
  for (;;) {
    const hungry = buckets.filter((bucket) => bucket.isHungry);
    if (hungry.length > 0) {
      if (evaluated >= EVALUATED_MAX) return cutOff(buckets, items, limit);
      const wanted = ((limit + 1 - items.length) * (evaluated + 1)) / (matched + 1);
      const rest = Math.ceil((EVALUATED_MAX - evaluated) / hungry.length);
      const size = Math.min(shareOf(wanted, buckets.length), PART_MAX, rest);
      for (const part of await Promise.all(hungry.map((bucket) => bucket.feed(size)))) {
        evaluated += part.evaluated;
        matched += part.items.length;
      }
      continue;
    }
    const bucket = newestOf(buckets);
    if (!bucket?.newest) return { items, nextAfter: undefined };
    if (items.length === limit) return { items, nextAfter: idOf(items.at(-1)) };
    items.push(bucket.newest);
    bucket.drop();
  }
}

/** Gives what is certain to be in its place, and goes on from where the bucket that was read least was left. */
function cutOff(buckets: readonly BucketReader[], items: readonly Attributes[], limit: number): MergedPage {
  const positions = buckets.map(({ readDownTo }) => readDownTo).filter((id) => id !== undefined);
  const position = positions.sort().at(-1) ?? '';
  const certain = [...items];
  for (let bucket = newestOf(buckets); bucket?.newest; bucket = newestOf(buckets)) {
    if (idOf(bucket.newest) < position) break;
    if (certain.length === limit) return { items: certain, nextAfter: idOf(certain.at(-1)) };
    certain.push(bucket.newest);
    bucket.drop();
  }
  return { items: certain, nextAfter: position };
}

/** The bucket whose next entry is the newest of all; ids are UUIDv7, so that their order is that of time. */
function newestOf(buckets: readonly BucketReader[]): BucketReader | undefined {
  return buckets.reduce<BucketReader | undefined>(
    (best, bucket) => (idOf(bucket.newest) > idOf(best?.newest) ? bucket : best),
    undefined,
  );
}

/** Entries are spread at random: two standard deviations above the mean are enough for nearly every bucket. */
function shareOf(entries: number, buckets: number): number {
  const mean = entries / buckets;
  return Math.ceil(mean + 2 * Math.sqrt(mean));
}

const idOf = (item: Attributes | undefined): string => (item?.[PARTITION_KEY] as string | undefined) ?? '';

import { randomInt } from 'node:crypto';
import type { ReadPart } from './index-bucket-reader';
import { type MergedPage, readMergedPage } from './merged-page';

const nthId = (number: number): string => number.toString().padStart(8, '0');

/** In-memory buckets that behave like DynamoDB: the limit counts evaluated entries, and `lastId` is absent only at the end. */
function createBuckets(ids: readonly string[], count: number, matches: (id: string) => boolean = () => true) {
  const buckets = Array.from({ length: count }, (): string[] => []);
  for (const id of [...ids].sort().reverse()) buckets[randomInt(count)]?.push(id);
  const cost = { evaluated: 0, queries: 0, largest: 0 };
  const readers = buckets.map((bucket): ReadPart => (after, limit) => {
    const rest = bucket.filter((id) => after === undefined || id < after);
    const part = rest.slice(0, limit);
    cost.evaluated += part.length;
    cost.queries += 1;
    cost.largest = Math.max(cost.largest, limit);
    return Promise.resolve({
      items: part.filter(matches).map((id) => ({ job_id: id })),
      lastId: part.length < limit ? undefined : part.at(-1),
      evaluated: part.length,
    });
  });
  return { readers, cost };
}

async function readAllPages(readers: readonly ReadPart[], limit: number): Promise<MergedPage[]> {
  const pages: MergedPage[] = [];
  let after: string | undefined;
  do {
    const page = await readMergedPage(readers, limit, after);
    pages.push(page);
    after = page.nextAfter;
  } while (after !== undefined);
  return pages;
}

const idsOf = (pages: readonly MergedPage[]): unknown[] =>
  pages.flatMap(({ items }) => items.map((item) => item['job_id']));

const IDS = Array.from({ length: 3000 }, (_, index) => nthId(index));
const NEWEST_FIRST = [...IDS].reverse();

describe('readMergedPage', () => {
  it.each([1, 2, 8, 64])('returns each entry of %d buckets exactly once over all pages', async (count) => {
    const { readers } = createBuckets(IDS, count);
    const pages = await readAllPages(readers, 97);
    expect(idsOf(pages)).toEqual(NEWEST_FIRST);
    for (const { items } of pages.slice(0, -1)) expect(items).toHaveLength(97);
  });

  it('returns no next page when nothing is left, even if the page is exactly full', async () => {
    const { readers } = createBuckets(IDS.slice(0, 20), 4);
    expect(await readMergedPage(readers, 20, undefined)).toMatchObject({ nextAfter: undefined });
    expect(await readMergedPage(readers, 19, undefined)).toMatchObject({ nextAfter: nthId(1) });
    expect(await readMergedPage(readers, 10, nthId(0))).toEqual({ items: [], nextAfter: undefined });
  });

  it('returns all entries when all buckets but one are empty', async () => {
    const { readers } = createBuckets([], 7);
    const { readers: full } = createBuckets(IDS, 1);
    expect(idsOf(await readAllPages([...readers, ...full], 50))).toEqual(NEWEST_FIRST);
  });

  it.each([1, 10, 100, 1000])(
    'evaluates at most 3 × %d + 40 entries for a page of as many, in at most three queries a bucket',
    async (limit) => {
      const { readers, cost } = createBuckets(IDS, 8);
      await readMergedPage(readers, limit, undefined);
      expect(cost.evaluated).toBeLessThanOrEqual(3 * limit + 40);
      expect(cost.queries).toBeLessThanOrEqual(3 * 8);
    },
  );

  describe('with a filter that few entries match', () => {
    const ids = Array.from({ length: 60_000 }, (_, index) => nthId(index));

    it.each([1, 8, 64, 256])(
      'stops at its bounds of entries and queries over %d buckets, and returns where to continue',
      async (count) => {
        const { readers, cost } = createBuckets(ids, count, (id) => id === nthId(5));
        for (const limit of [1, 100, 1000]) {
          cost.evaluated = 0;
          cost.queries = 0;
          const page = await readMergedPage(readers, limit, undefined);
          expect(page.items).toEqual([]);
          expect(page.nextAfter).toBeDefined();
          // The share of the last round is rounded up: one more entry for each bucket.
          expect(cost.evaluated).toBeLessThanOrEqual(10_000 + count);
          expect(cost.queries).toBeLessThanOrEqual(20 * count);
        }
        expect(cost.largest).toBeLessThanOrEqual(1000);
      },
    );

    it.each([7, 501, 40_000])(
      'returns each match exactly once, in order, when one in %d matches',
      async (step) => {
        const matches = (id: string): boolean => Number(id) % step === 0;
        const { readers } = createBuckets(ids, 8, matches);
        const pages = await readAllPages(readers, 100);
        expect(idsOf(pages)).toEqual([...ids].reverse().filter(matches));
        for (const { items } of pages) expect(items.length).toBeLessThanOrEqual(100);
      },
    );
  });
});

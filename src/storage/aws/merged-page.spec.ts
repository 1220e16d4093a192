/** The list out of several buckets: whole, in order, each once, at a cost that goes with its size. */
import { randomInt } from 'node:crypto';
import type { ReadPart } from './bucket-reader';
import { type MergedPage, mergedPage } from './merged-page';

const idOf = (number: number): string => number.toString().padStart(8, '0');

/** Buckets in memory that answer as DynamoDB does: a limit counts what is evaluated, and only a part without more ends. */
function storage(ids: readonly string[], count: number, matches: (id: string) => boolean = () => true) {
  const buckets = Array.from({ length: count }, (): string[] => []);
  for (const id of [...ids].sort().reverse()) buckets[randomInt(count)]?.push(id);
  const cost = { evaluated: 0, calls: 0, largest: 0 };
  const readers = buckets.map((bucket): ReadPart => (after, limit) => {
    const rest = bucket.filter((id) => after === undefined || id < after);
    const part = rest.slice(0, limit);
    cost.evaluated += part.length;
    cost.calls += 1;
    cost.largest = Math.max(cost.largest, limit);
    return Promise.resolve({
      items: part.filter(matches).map((id) => ({ job_id: id })),
      lastId: part.length < limit ? undefined : part.at(-1),
      evaluated: part.length,
    });
  });
  return { readers, cost };
}

async function allPages(readers: readonly ReadPart[], limit: number): Promise<MergedPage[]> {
  const pages: MergedPage[] = [];
  let after: string | undefined;
  do {
    const page = await mergedPage(readers, limit, after);
    pages.push(page);
    after = page.nextAfter;
  } while (after !== undefined);
  return pages;
}

const idsOf = (pages: readonly MergedPage[]): unknown[] =>
  pages.flatMap(({ items }) => items.map((item) => item['job_id']));

const IDS = Array.from({ length: 3000 }, (_, index) => idOf(index));
const NEWEST_FIRST = [...IDS].reverse();

describe('A page out of buckets', () => {
  it.each([1, 2, 8, 64])('of which there are %d: all pages together have each entry once', async (count) => {
    const { readers } = storage(IDS, count);
    const pages = await allPages(readers, 97);
    expect(idsOf(pages)).toEqual(NEWEST_FIRST);
    for (const { items } of pages.slice(0, -1)) expect(items).toHaveLength(97);
  });

  it('has no next page when nothing is left, also when it is exactly full', async () => {
    const { readers } = storage(IDS.slice(0, 20), 4);
    expect(await mergedPage(readers, 20, undefined)).toMatchObject({ nextAfter: undefined });
    expect(await mergedPage(readers, 19, undefined)).toMatchObject({ nextAfter: idOf(1) });
    expect(await mergedPage(readers, 10, idOf(0))).toEqual({ items: [], nextAfter: undefined });
  });

  it('of which all but one are empty is as whole as any', async () => {
    const { readers } = storage([], 7);
    const { readers: full } = storage(IDS, 1);
    expect(idsOf(await allPages([...readers, ...full], 50))).toEqual(NEWEST_FIRST);
  });

  it.each([1, 10, 100, 1000])(
    'of %d entries evaluates at most three times as many, and 40',
    async (limit) => {
      const { readers, cost } = storage(IDS, 8);
      await mergedPage(readers, limit, undefined);
      expect(cost.evaluated).toBeLessThanOrEqual(3 * limit + 40);
    },
  );

  describe('with a filter that few match', () => {
    const ids = Array.from({ length: 60_000 }, (_, index) => idOf(index));

    it.each([1, 8, 64, 256])(
      'in %d buckets evaluates no more than its bound, and goes on there',
      async (count) => {
        const { readers, cost } = storage(ids, count, (id) => id === idOf(5));
        for (const limit of [1, 100, 1000]) {
          cost.evaluated = 0;
          const page = await mergedPage(readers, limit, undefined);
          expect(page.items).toEqual([]);
          expect(page.nextAfter).toBeDefined();
          // The last round may take one more of each bucket.
          expect(cost.evaluated).toBeLessThanOrEqual(10_000 + count);
        }
        expect(cost.largest).toBeLessThanOrEqual(1000);
      },
    );

    it.each([7, 501, 40_000])('finds every one of each %dth exactly once, in order', async (step) => {
      const matches = (id: string): boolean => Number(id) % step === 0;
      const { readers } = storage(ids, 8, matches);
      const pages = await allPages(readers, 100);
      expect(idsOf(pages)).toEqual([...ids].reverse().filter(matches));
      for (const { items } of pages) expect(items.length).toBeLessThanOrEqual(100);
    });
  });
});

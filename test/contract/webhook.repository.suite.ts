import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Webhook, WebhookRepository } from '../../src/jobs/webhook.repository';

export interface CallbackRepositoryAdapter {
  readonly repository: WebhookRepository;
  /** Closes the repository as a shutdown does, and opens another one on the same data. */
  reopen(): Promise<WebhookRepository>;
  close(): Promise<void>;
}

/** Not of a fixed day: what is a week old is removed, in DynamoDB Local in the middle of a test. */
const BASE = Date.now();
const at = (seconds: number): string => new Date(BASE + seconds * 1000).toISOString();

export function newCallback(changes: Partial<Webhook> = {}): Webhook {
  return {
    id: randomUUID(),
    jobId: uuidv7(),
    url: 'https://example.com/done?é=1&token=a%20b',
    body: JSON.stringify({ stdout: 'a\0b\r\n\u2028é😀\ufffd\ud800', status: 'SUCCESS' }),
    createdAt: at(0),
    dueAt: at(0),
    tries: 0,
    ...changes,
  };
}

export function describeCallbackRepository(
  name: string,
  makeAdapter: () => Promise<CallbackRepositoryAdapter>,
): void {
  describe(`WebhookRepository: ${name}`, () => {
    let adapter: CallbackRepositoryAdapter;
    let callbacks: WebhookRepository;
    beforeEach(async () => {
      adapter = await makeAdapter();
      callbacks = adapter.repository;
    });
    afterEach(() => adapter.close());

    const create = async (callback: Webhook): Promise<Webhook> => {
      await callbacks.create(callback);
      return callback;
    };
    const all = (): Promise<readonly Webhook[]> => callbacks.findDue(at(1e6), 1000);

    it('returns a due webhook unchanged', async () => {
      const callback = await create(newCallback({ tries: 3 }));
      expect(await callbacks.findDue(at(0), 10)).toEqual([callback]);
    });

    it('stores a body as large as the largest job completely', async () => {
      const body = JSON.stringify(['\u0001', 'é', '"', '😀'].map((text) => text.repeat(65_536)));
      const callback = await create(newCallback({ body }));
      expect(await all()).toEqual([callback]);
    });

    it('returns nothing when nothing is stored', async () => {
      expect(await all()).toEqual([]);
    });

    it('returns what is due, and nothing that is due a millisecond later', async () => {
      const due = await create(newCallback({ dueAt: at(10) }));
      await create(newCallback({ dueAt: at(10.001) }));
      expect(await callbacks.findDue(at(10), 10)).toEqual([due]);
      expect(await callbacks.findDue(at(9.999), 10)).toEqual([]);
    });

    it('returns the longest overdue first, up to the limit', async () => {
      const made = new Map<number, Webhook>();
      for (const seconds of [5, 1, 4, 2, 3, 0])
        made.set(seconds, await create(newCallback({ dueAt: at(seconds) })));
      const inOrder = [0, 1, 2, 3, 4, 5].map((seconds) => made.get(seconds));
      expect(await callbacks.findDue(at(5), 10)).toEqual(inOrder);
      expect(await callbacks.findDue(at(5), 4)).toEqual(inOrder.slice(0, 4));
    });

    it('changes nothing when a webhook is created again, even if it was postponed in the meantime', async () => {
      const callback = await create(newCallback());
      await callbacks.create({ ...callback, body: '{}', url: 'https://example.org', dueAt: at(9), tries: 9 });
      expect(await all()).toEqual([callback]);
      await callbacks.postpone(callback, at(30), 1);
      await callbacks.create(callback);
      expect(await all()).toEqual([{ ...callback, dueAt: at(30), tries: 1 }]);
    });

    it('postpones a webhook that is unchanged, and only changes its due time and its tries', async () => {
      const [callback, other] = [await create(newCallback()), await create(newCallback())];
      expect(await callbacks.postpone(callback, at(30), 1)).toBe(true);
      expect(await callbacks.findDue(at(29), 10)).toEqual([other]);
      expect(await callbacks.findDue(at(30), 10)).toEqual([other, { ...callback, dueAt: at(30), tries: 1 }]);
    });

    it.each<[string, Partial<Webhook>]>([
      ['time', { dueAt: at(1) }],
      ['count of tries', { tries: 1 }],
    ])('postpones none that has another %s than was seen', async (_what, seen) => {
      const callback = await create(newCallback());
      expect(await callbacks.postpone({ ...callback, ...seen }, at(30), 2)).toBe(false);
      expect(await all()).toEqual([callback]);
    });

    it('returns false for a removed webhook, and creates none', async () => {
      expect(await callbacks.postpone(newCallback(), at(30), 1)).toBe(false);
      expect(await all()).toEqual([]);
    });

    it('lets exactly one of twenty postpone a webhook to the same time', async () => {
      const callback = await create(newCallback());
      const taken = await Promise.all(
        Array.from({ length: 20 }, () => callbacks.postpone(callback, at(30), 0)),
      );
      expect(taken.filter((isTaken) => isTaken)).toHaveLength(1);
      expect(await all()).toEqual([{ ...callback, dueAt: at(30) }]);
    });

    it('removes a webhook permanently, and accepts a repeated removal', async () => {
      const [callback, other] = [await create(newCallback()), await create(newCallback())];
      await callbacks.remove(callback.id);
      await callbacks.remove(callback.id);
      expect(await all()).toEqual([other]);
      expect(await callbacks.postpone(callback, at(30), 1)).toBe(false);
    });

    it('keeps acknowledged writes over a restart', async () => {
      const [kept, removed] = [await create(newCallback()), await create(newCallback())];
      await callbacks.postpone(kept, at(30), 1);
      await callbacks.remove(removed.id);
      const reopened = await adapter.reopen();
      expect(await reopened.findDue(at(30), 10)).toEqual([{ ...kept, dueAt: at(30), tries: 1 }]);
    });
  });
}

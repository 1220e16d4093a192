import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Webhook, WebhookRepository } from '../../src/jobs/webhook.repository';

export interface WebhookRepositoryAdapter {
  readonly repository: WebhookRepository;
  /** Closes the repository as a shutdown does, and opens another one on the same data. */
  reopen(): Promise<WebhookRepository>;
  close(): Promise<void>;
}

/** The current time, because DynamoDB Local deletes webhooks of an earlier week in the middle of a test. */
const BASE = Date.now();
const at = (seconds: number): string => new Date(BASE + seconds * 1000).toISOString();

export function newWebhook(changes: Partial<Webhook> = {}): Webhook {
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

export function describeWebhookRepository(
  name: string,
  makeAdapter: () => Promise<WebhookRepositoryAdapter>,
): void {
  describe(`WebhookRepository: ${name}`, () => {
    let adapter: WebhookRepositoryAdapter;
    let webhooks: WebhookRepository;
    beforeEach(async () => {
      adapter = await makeAdapter();
      webhooks = adapter.repository;
    });
    afterEach(() => adapter.close());

    const create = async (webhook: Webhook): Promise<Webhook> => {
      await webhooks.create(webhook);
      return webhook;
    };
    const all = (): Promise<readonly Webhook[]> => webhooks.findDue(at(1e6), 1000);

    it('returns a due webhook unchanged', async () => {
      const webhook = await create(newWebhook({ tries: 3 }));
      expect(await webhooks.findDue(at(0), 10)).toEqual([webhook]);
    });

    it('stores a body as large as the largest job completely', async () => {
      const body = JSON.stringify(['\u0001', 'é', '"', '😀'].map((text) => text.repeat(65_536)));
      const webhook = await create(newWebhook({ body }));
      expect(await all()).toEqual([webhook]);
    });

    it('returns nothing when nothing is stored', async () => {
      expect(await all()).toEqual([]);
    });

    it('returns webhooks that are due, and none that is due a millisecond later', async () => {
      const due = await create(newWebhook({ dueAt: at(10) }));
      await create(newWebhook({ dueAt: at(10.001) }));
      expect(await webhooks.findDue(at(10), 10)).toEqual([due]);
      expect(await webhooks.findDue(at(9.999), 10)).toEqual([]);
    });

    it('returns the longest overdue first, up to the limit', async () => {
      const made = new Map<number, Webhook>();
      for (const seconds of [5, 1, 4, 2, 3, 0])
        made.set(seconds, await create(newWebhook({ dueAt: at(seconds) })));
      const inOrder = [0, 1, 2, 3, 4, 5].map((seconds) => made.get(seconds));
      expect(await webhooks.findDue(at(5), 10)).toEqual(inOrder);
      expect(await webhooks.findDue(at(5), 4)).toEqual(inOrder.slice(0, 4));
    });

    it('changes nothing when a webhook is created again, even if it was postponed in the meantime', async () => {
      const webhook = await create(newWebhook());
      await webhooks.create({ ...webhook, body: '{}', url: 'https://example.org', dueAt: at(9), tries: 9 });
      expect(await all()).toEqual([webhook]);
      await webhooks.postpone(webhook, at(30), 1);
      await webhooks.create(webhook);
      expect(await all()).toEqual([{ ...webhook, dueAt: at(30), tries: 1 }]);
    });

    it('postpones a webhook that is unchanged, and only changes its due time and its tries', async () => {
      const [webhook, other] = [await create(newWebhook()), await create(newWebhook())];
      expect(await webhooks.postpone(webhook, at(30), 1)).toBe(true);
      expect(await webhooks.findDue(at(29), 10)).toEqual([other]);
      expect(await webhooks.findDue(at(30), 10)).toEqual([other, { ...webhook, dueAt: at(30), tries: 1 }]);
    });

    it.each<[string, Partial<Webhook>]>([
      ['time', { dueAt: at(1) }],
      ['count of tries', { tries: 1 }],
    ])('postpones none that has another %s than was seen', async (_what, seen) => {
      const webhook = await create(newWebhook());
      expect(await webhooks.postpone({ ...webhook, ...seen }, at(30), 2)).toBe(false);
      expect(await all()).toEqual([webhook]);
    });

    it('returns false for a removed webhook, and creates none', async () => {
      expect(await webhooks.postpone(newWebhook(), at(30), 1)).toBe(false);
      expect(await all()).toEqual([]);
    });

    it('lets exactly one of twenty postpone a webhook to the same time', async () => {
      const webhook = await create(newWebhook());
      const taken = await Promise.all(
        Array.from({ length: 20 }, () => webhooks.postpone(webhook, at(30), 0)),
      );
      expect(taken.filter((isTaken) => isTaken)).toHaveLength(1);
      expect(await all()).toEqual([{ ...webhook, dueAt: at(30) }]);
    });

    it('removes a webhook permanently, and accepts a repeated removal', async () => {
      const [webhook, other] = [await create(newWebhook()), await create(newWebhook())];
      await webhooks.remove(webhook.id);
      await webhooks.remove(webhook.id);
      expect(await all()).toEqual([other]);
      expect(await webhooks.postpone(webhook, at(30), 1)).toBe(false);
    });

    it('keeps acknowledged writes over a restart', async () => {
      const [kept, removed] = [await create(newWebhook()), await create(newWebhook())];
      await webhooks.postpone(kept, at(30), 1);
      await webhooks.remove(removed.id);
      const reopened = await adapter.reopen();
      expect(await reopened.findDue(at(30), 10)).toEqual([{ ...kept, dueAt: at(30), tries: 1 }]);
    });
  });
}

import { EventEmitter, once } from 'node:events';
import { Logger } from '@nestjs/common';
import type { Webhook, WebhookRepository } from '../src/jobs/webhook.repository';
import type { ExecutionQueue } from '../src/jobs/execution.queue';
import type { Job } from '../src/jobs/job';
import type { JobLinks } from '../src/jobs/job-links';
import { JobsPresenter } from '../src/jobs/jobs.presenter';
import { WebhookDeliveries } from '../src/execution/webhooks/webhook-deliveries';
import { WebhookEnqueuer } from '../src/execution/webhooks/webhook-enqueuer';
import { WebhookSender } from '../src/execution/webhooks/webhook-sender';
import { EmbeddedDatabase } from '../src/storage/embedded/embedded-database';
import { SqliteWebhookRepository } from '../src/storage/embedded/sqlite-webhook.repository';
import { SqliteJobRepository } from '../src/storage/embedded/sqlite-job.repository';
import { newWebhook } from './contract/webhook.repository.suite';
import { finishedJob } from './contract/job.fixture';
import { storageSettings } from './contract/storage-settings';
import { callbackSettings } from './support/webhooks';
import { Receiver, silent, status } from './support/receiver';
import { createTemporaryDirectory } from './support/temporary-directory';

const START = Date.parse('2026-01-31T12:00:00.000Z');
const HOUR_MS = 3_600_000;
const KEY = Buffer.from('a key of at least 24 bytes!');
const at = (ms: number): string => new Date(START + ms).toISOString();

/** Emits an event after each change. */
class ObservedWebhooks extends SqliteWebhookRepository {
  readonly events = new EventEmitter();

  override async postpone(seen: Webhook, dueAt: string, tries: number): Promise<boolean> {
    const isTaken = await super.postpone(seen, dueAt, tries);
    this.events.emit(seen.tries === tries ? 'claimed' : 'postponed');
    return isTaken;
  }

  override async remove(id: string): Promise<void> {
    await super.remove(id);
    this.events.emit('removed');
  }
}

describe('WebhookDeliveries', () => {
  const never = new AbortController().signal;
  const sender = new WebhookSender(callbackSettings({ key: KEY, CALLBACK_PRIVATE_ADDRESSES: 'true' }));
  let database: EmbeddedDatabase;
  let webhooks: ObservedWebhooks;
  let deliveries: WebhookDeliveries;
  let receiver: Receiver;
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    jest.useFakeTimers({
      now: START,
      doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'],
    });
    database = new EmbeddedDatabase(storageSettings(createTemporaryDirectory()));
    webhooks = new ObservedWebhooks(database);
    deliveries = new WebhookDeliveries(webhooks, sender);
    receiver = await Receiver.listen();
  });
  afterEach(async () => {
    await deliveries.stop();
    await receiver.close();
    database.onApplicationShutdown();
    jest.useRealTimers();
  });

  const create = async (changes: Partial<Webhook> = {}): Promise<Webhook> => {
    const webhook = newWebhook({ url: receiver.url(), createdAt: at(0), dueAt: at(0), ...changes });
    await webhooks.create(webhook);
    return webhook;
  };
  const kept = (): Promise<readonly Webhook[]> => webhooks.findDue('2999', 1000);
  const idsOf = (calls: Receiver): unknown[] => calls.calls.map(({ headers }) => headers['webhook-id']);
  /** Delivers the webhooks that are due at that time, as the reconciler of any process does. */
  const deliverDueAt = async (ms: number, process = deliveries): Promise<void> => {
    jest.setSystemTime(START + ms);
    await process.deliverDue(never);
  };

  it('delivers a webhook once and removes it', async () => {
    const webhook = await create();
    await deliveries.deliver(webhook);
    expect([idsOf(receiver), await kept()]).toEqual([[webhook.id], []]);
  });

  it('retries with the same id about a second after a response of 500', async () => {
    const webhook = await create();
    receiver.handler = status(500);
    await deliveries.deliver(webhook);
    const [again] = await kept();
    expect(again).toMatchObject({ id: webhook.id, tries: 1 });
    const pauseMs = Date.parse(again?.dueAt ?? '') - START;
    expect([pauseMs >= 800, pauseMs <= 1200]).toEqual([true, true]);
    await deliverDueAt(799);
    receiver.handler = status(200);
    const removed = once(webhooks.events, 'removed');
    await deliverDueAt(1200);
    await removed;
    expect(idsOf(receiver)).toEqual([webhook.id, webhook.id]);
    expect(receiver.calls.map(({ headers }) => headers['webhook-timestamp'])).toEqual(
      [START, START + 1200].map((ms) => Math.floor(ms / 1000).toString()),
    );
    expect(await kept()).toEqual([]);
  });

  it('removes a webhook after a response of 410', async () => {
    receiver.handler = status(410);
    await deliveries.deliver(await create());
    expect([receiver.calls.length, await kept()]).toEqual([1, []]);
  });

  it('keeps a webhook whose receiver cannot be reached', async () => {
    const webhook = await create();
    await receiver.close();
    await deliveries.deliver(webhook);
    expect(await kept()).toMatchObject([{ tries: 1 }]);
  });

  it('keeps a webhook whose host name resolves to a private address, without connecting', async () => {
    const guarded = new WebhookDeliveries(webhooks, new WebhookSender(callbackSettings({ key: KEY })));
    await guarded.deliver(await create({ url: receiver.url('/', 'localhost') }));
    expect([receiver.connections, await kept()]).toMatchObject([0, [{ tries: 1 }]]);
  });

  it('gives up when an attempt fails after an hour, but not earlier', async () => {
    receiver.handler = status(503);
    const [early, late] = [await create({ tries: 8 }), await create({ tries: 9 })];
    jest.setSystemTime(START + HOUR_MS - 1);
    await deliveries.deliver(early);
    expect(await kept()).toMatchObject([{ id: late.id }, { id: early.id, dueAt: at(HOUR_MS), tries: 9 }]);
    jest.setSystemTime(START + HOUR_MS);
    await deliveries.deliver(late);
    expect(await kept()).toMatchObject([{ id: early.id }]);
  });

  it('delivers once when two processes find a webhook due at the same time', async () => {
    const webhook = await create();
    const other = new WebhookDeliveries(webhooks, sender);
    const removed = once(webhooks.events, 'removed');
    await Promise.all([deliverDueAt(0), deliverDueAt(0, other), deliveries.deliver(webhook)]);
    await removed;
    await Promise.all([deliveries.stop(), other.stop()]);
    expect(idsOf(receiver)).toEqual([webhook.id]);
  });

  it('delivers a webhook of a process that died half a minute after its claim', async () => {
    const webhook = await create();
    const dead = { send: () => new Promise(() => undefined) } as unknown as WebhookSender;
    const claimed = once(webhooks.events, 'claimed');
    void new WebhookDeliveries(webhooks, dead).deliver(webhook);
    await claimed;
    await deliverDueAt(29_999);
    expect(await kept()).toEqual([{ ...webhook, dueAt: at(30_000) }]);
    const removed = once(webhooks.events, 'removed');
    await deliverDueAt(30_000);
    await removed;
    expect(idsOf(receiver)).toEqual([webhook.id]);
  });

  it('makes two attempts at a time to a slow receiver, and does not delay others', async () => {
    receiver.handler = silent;
    const slow = await Promise.all(Array.from({ length: 6 }, () => create()));
    for (const webhook of slow) void deliveries.deliver(webhook);
    const quick = await Receiver.listen();
    await deliveries.deliver(await create({ url: quick.url('/', 'localhost') }));
    await receiver.called(2);
    expect([quick.calls.length, receiver.connections]).toEqual([1, 2]);
    await quick.close();
  });

  it('finds due webhooks behind any number of those for a slow receiver', async () => {
    receiver.handler = silent;
    for (let count = 0; count < 250; count += 1) await create();
    const quick = await Receiver.listen();
    const last = await create({ url: quick.url('/', 'localhost'), dueAt: at(1) });
    const removed = once(webhooks.events, 'removed');
    await deliverDueAt(1);
    await removed;
    expect(idsOf(quick)).toEqual([last.id]);
    await receiver.called(2);
    // Two are being delivered, sixteen wait, and the others are postponed.
    expect([receiver.connections, (await webhooks.findDue(at(1), 1000)).length]).toEqual([2, 16]);
    expect(await webhooks.findDue(at(12_001), 1000)).toHaveLength(248);
    await quick.close();
  });

  it('leaves running and waiting webhooks due when the service stops', async () => {
    receiver.handler = silent;
    const all = await Promise.all(Array.from({ length: 3 }, () => create()));
    const made = all.map((webhook) => deliveries.deliver(webhook));
    await receiver.called(2);
    jest.setSystemTime(START + 2000);
    await deliveries.stop();
    await Promise.all(made);
    expect((await webhooks.findDue(at(2000), 10)).map(({ id, tries }) => [id, tries]).sort()).toEqual(
      all.map(({ id }) => [id, 0]).sort(),
    );
    await deliveries.deliver(await create());
    await deliverDueAt(3000);
    expect(receiver.connections).toBe(2);
  });

  it('does not reject when the storage fails', async () => {
    const fails = (): Promise<never> => Promise.reject(new Error('storage'));
    const broken = { findDue: fails, postpone: fails, remove: fails } as unknown as WebhookRepository;
    const process = new WebhookDeliveries(broken, sender);
    await expect(process.deliver(await create())).resolves.toBeUndefined();
    await expect(process.deliverDue(never)).resolves.toBeUndefined();
    expect(receiver.connections).toBe(0);
  });

  it('reads no due webhooks when the signal has aborted', async () => {
    await create();
    await deliveries.deliverDue(AbortSignal.abort());
    expect(receiver.connections).toBe(0);
  });

  describe('WebhookEnqueuer', () => {
    let jobs: SqliteJobRepository;
    let enqueuer: WebhookEnqueuer;
    const links = { logsUrl: (jobId: string) => `http://localhost:8000/api/jobs/${jobId}/logs` } as JobLinks;
    const presenter = new JobsPresenter(links, {} as ExecutionQueue);
    beforeEach(() => {
      jobs = new SqliteJobRepository(database);
      enqueuer = new WebhookEnqueuer(jobs, webhooks, presenter, deliveries);
    });

    const ended = async (changes: Partial<Job> = {}): Promise<Job> => {
      const { dispatch } = finishedJob();
      const job = finishedJob({
        dispatch: dispatch && { ...dispatch, callbackUrl: receiver.url() },
        updatedAt: at(-10),
        dueAt: at(-10),
        cancelRequested: false,
        ...changes,
      });
      await jobs.create(job);
      return job;
    };

    it('sends the job as the API returns it, and the job is not due any more', async () => {
      const job = await ended();
      const removed = once(webhooks.events, 'removed');
      await enqueuer.enqueue(job);
      await removed;
      expect(idsOf(receiver)).toEqual([job.executionId]);
      expect(receiver.calls[0]?.body).toBe(JSON.stringify(presenter.toResponse(job)));
      expect(await jobs.find(job.jobId)).toEqual({ ...job, dispatch: null, dueAt: null });
      expect(await kept()).toEqual([]);
    });

    it.each<[string, Partial<Job>]>([
      ['without a callback_url', { dispatch: null }],
      ['whose webhook was created already', { dueAt: null }],
      ['that is not final', { status: 'RUNNING' }],
    ])('creates nothing for a job %s', async (_what, changes) => {
      const job = await ended(changes);
      await enqueuer.enqueue(job);
      expect([await kept(), await jobs.find(job.jobId)]).toEqual([[], job]);
    });

    it('creates the same webhook again when the process died before the job was updated', async () => {
      const job = await ended();
      const fails = (): Promise<never> => Promise.reject(new Error('died'));
      const dying = { updateFields: fails } as unknown as SqliteJobRepository;
      await expect(new WebhookEnqueuer(dying, webhooks, presenter, deliveries).enqueue(job)).rejects.toThrow(
        'died',
      );
      expect([receiver.connections, (await kept()).length]).toEqual([0, 1]);
      jest.setSystemTime(START + 5000);
      const removed = once(webhooks.events, 'removed');
      await enqueuer.enqueue(job);
      await removed;
      expect([idsOf(receiver), await kept()]).toEqual([[job.executionId], []]);
    });

    it('sends one webhook for two processes, and one more with the same id for a late one', async () => {
      const job = await ended();
      const removed = once(webhooks.events, 'removed');
      await Promise.all([enqueuer.enqueue(job), enqueuer.enqueue(job)]);
      await removed;
      expect(idsOf(receiver)).toEqual([job.executionId]);
      const removedAgain = once(webhooks.events, 'removed');
      await enqueuer.enqueue(job);
      await removedAgain;
      expect(idsOf(receiver)).toEqual([job.executionId, job.executionId]);
      expect(await kept()).toEqual([]);
    });

    it('sends the webhook although the job is executed again meanwhile', async () => {
      const job = await ended();
      const from = { statuses: [job.status], attempt: job.attempt };
      const running = { ...job, status: 'RUNNING', attempt: 8, fence: 'another' } as const;
      await jobs.transition(job.jobId, from, running);
      const removed = once(webhooks.events, 'removed');
      await enqueuer.enqueue(job);
      await removed;
      expect(idsOf(receiver)).toEqual([job.executionId]);
      expect(await jobs.find(job.jobId)).toMatchObject({ status: 'RUNNING', dueAt: job.dueAt });
    });
  });
});

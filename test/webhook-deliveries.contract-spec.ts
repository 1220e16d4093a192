/** Callbacks from the end of a job to its receiver, over real connections: whatever fails, each is called until it is taken. */
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
import { newCallback } from './contract/webhook.repository.suite';
import { finishedJob } from './contract/job.fixture';
import { storageSettings } from './contract/storage-settings';
import { callbackSettings } from './support/webhooks';
import { Receiver, silent, status } from './support/receiver';
import { createTemporaryDirectory } from './support/temporary-directory';

const START = Date.parse('2026-01-31T12:00:00.000Z');
const HOUR_MS = 3_600_000;
const KEY = Buffer.from('a key of at least 24 bytes!');
const at = (ms: number): string => new Date(START + ms).toISOString();

/** Says what was done. */
class WatchedCallbacks extends SqliteWebhookRepository {
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

describe('Callbacks', () => {
  const never = new AbortController().signal;
  const sender = new WebhookSender(callbackSettings({ key: KEY, CALLBACK_PRIVATE_ADDRESSES: 'true' }));
  let database: EmbeddedDatabase;
  let callbacks: WatchedCallbacks;
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
    callbacks = new WatchedCallbacks(database);
    deliveries = new WebhookDeliveries(callbacks, sender);
    receiver = await Receiver.listen();
  });
  afterEach(async () => {
    await deliveries.stop();
    await receiver.close();
    database.onApplicationShutdown();
    jest.useRealTimers();
  });

  const create = async (changes: Partial<Webhook> = {}): Promise<Webhook> => {
    const callback = newCallback({ url: receiver.url(), createdAt: at(0), dueAt: at(0), ...changes });
    await callbacks.create(callback);
    return callback;
  };
  const kept = (): Promise<readonly Webhook[]> => callbacks.findDue('2999', 1000);
  const idsOf = (calls: Receiver): unknown[] => calls.calls.map(({ headers }) => headers['webhook-id']);
  /** As the sweeper of any process does. */
  const sweep = async (ms: number, process = deliveries): Promise<void> => {
    jest.setSystemTime(START + ms);
    await process.deliverDue(never);
  };

  it('are called soon, once, and are gone when they are taken', async () => {
    const callback = await create();
    await deliveries.deliver(callback);
    expect([idsOf(receiver), await kept()]).toEqual([[callback.id], []]);
  });

  it('are called again under the same id after an answer of 500, about a second later', async () => {
    const callback = await create();
    receiver.answer = status(500);
    await deliveries.deliver(callback);
    const [again] = await kept();
    expect(again).toMatchObject({ id: callback.id, tries: 1 });
    const pauseMs = Date.parse(again?.dueAt ?? '') - START;
    expect([pauseMs >= 800, pauseMs <= 1200]).toEqual([true, true]);
    await sweep(799);
    receiver.answer = status(200);
    const removed = once(callbacks.events, 'removed');
    await sweep(1200);
    await removed;
    expect(idsOf(receiver)).toEqual([callback.id, callback.id]);
    expect(receiver.calls.map(({ headers }) => headers['webhook-timestamp'])).toEqual(
      [START, START + 1200].map((ms) => Math.floor(ms / 1000).toString()),
    );
    expect(await kept()).toEqual([]);
  });

  it('are gone after an answer of 410, and are not called again', async () => {
    receiver.answer = status(410);
    await deliveries.deliver(await create());
    expect([receiver.calls.length, await kept()]).toEqual([1, []]);
  });

  it('are kept while nobody listens', async () => {
    const callback = await create();
    await receiver.close();
    await deliveries.deliver(callback);
    expect(await kept()).toMatchObject([{ tries: 1 }]);
  });

  it('go to no private address, be it behind a name, and are kept for when it has another one', async () => {
    const guarded = new WebhookDeliveries(callbacks, new WebhookSender(callbackSettings({ key: KEY })));
    await guarded.deliver(await create({ url: receiver.url('/', 'localhost') }));
    expect([receiver.connections, await kept()]).toMatchObject([0, [{ tries: 1 }]]);
  });

  it('are given up when a call fails after an hour, and not before', async () => {
    receiver.answer = status(503);
    const [early, late] = [await create({ tries: 8 }), await create({ tries: 9 })];
    jest.setSystemTime(START + HOUR_MS - 1);
    await deliveries.deliver(early);
    expect(await kept()).toMatchObject([{ id: late.id }, { id: early.id, dueAt: at(HOUR_MS), tries: 9 }]);
    jest.setSystemTime(START + HOUR_MS);
    await deliveries.deliver(late);
    expect(await kept()).toMatchObject([{ id: early.id }]);
  });

  it('are made by one of two processes that look at the same time', async () => {
    const callback = await create();
    const other = new WebhookDeliveries(callbacks, sender);
    const removed = once(callbacks.events, 'removed');
    await Promise.all([sweep(0), sweep(0, other), deliveries.deliver(callback)]);
    await removed;
    await Promise.all([deliveries.stop(), other.stop()]);
    expect(idsOf(receiver)).toEqual([callback.id]);
  });

  it('that a process had taken when it died are made by another one half a minute later', async () => {
    const callback = await create();
    const dead = { send: () => new Promise(() => undefined) } as unknown as WebhookSender;
    const claimed = once(callbacks.events, 'claimed');
    void new WebhookDeliveries(callbacks, dead).deliver(callback);
    await claimed;
    await sweep(29_999);
    expect(await kept()).toEqual([{ ...callback, dueAt: at(30_000) }]);
    const removed = once(callbacks.events, 'removed');
    await sweep(30_000);
    await removed;
    expect(idsOf(receiver)).toEqual([callback.id]);
  });

  it('wait for no slow receiver, to which two go at a time', async () => {
    receiver.answer = silent;
    const slow = await Promise.all(Array.from({ length: 6 }, () => create()));
    for (const callback of slow) void deliveries.deliver(callback);
    const quick = await Receiver.listen();
    await deliveries.deliver(await create({ url: quick.url('/', 'localhost') }));
    await receiver.called(2);
    expect([quick.calls.length, receiver.connections]).toEqual([1, 2]);
    await quick.close();
  });

  it('are found behind any number of those that a slow receiver holds up', async () => {
    receiver.answer = silent;
    for (let count = 0; count < 250; count += 1) await create();
    const quick = await Receiver.listen();
    const last = await create({ url: quick.url('/', 'localhost'), dueAt: at(1) });
    const removed = once(callbacks.events, 'removed');
    await sweep(1);
    await removed;
    expect(idsOf(quick)).toEqual([last.id]);
    await receiver.called(2);
    // Two are being called, sixteen wait, and the others are out of the way for a while.
    expect([receiver.connections, (await callbacks.findDue(at(1), 1000)).length]).toEqual([2, 16]);
    expect(await callbacks.findDue(at(12_001), 1000)).toHaveLength(248);
    await quick.close();
  });

  it('that are being made when the service stops are due at once, and so are those that wait', async () => {
    receiver.answer = silent;
    const all = await Promise.all(Array.from({ length: 3 }, () => create()));
    const made = all.map((callback) => deliveries.deliver(callback));
    await receiver.called(2);
    jest.setSystemTime(START + 2000);
    await deliveries.stop();
    await Promise.all(made);
    expect((await callbacks.findDue(at(2000), 10)).map(({ id, tries }) => [id, tries]).sort()).toEqual(
      all.map(({ id }) => [id, 0]).sort(),
    );
    await deliveries.deliver(await create());
    await sweep(3000);
    expect(receiver.connections).toBe(2);
  });

  it('end in no fault of the process when the storage does not work', async () => {
    const fails = (): Promise<never> => Promise.reject(new Error('storage'));
    const broken = { findDue: fails, postpone: fails, remove: fails } as unknown as WebhookRepository;
    const process = new WebhookDeliveries(broken, sender);
    await expect(process.deliver(await create())).resolves.toBeUndefined();
    await expect(process.deliverDue(never)).resolves.toBeUndefined();
    expect(receiver.connections).toBe(0);
  });

  it('are looked for no more when the sweeper stops', async () => {
    await create();
    await deliveries.deliverDue(AbortSignal.abort());
    expect(receiver.connections).toBe(0);
  });

  describe('of a job that has ended', () => {
    let jobs: SqliteJobRepository;
    let handover: WebhookEnqueuer;
    const links = { logsUrl: (jobId: string) => `http://localhost:8000/api/jobs/${jobId}/logs` } as JobLinks;
    const presenter = new JobsPresenter(links, {} as ExecutionQueue);
    beforeEach(() => {
      jobs = new SqliteJobRepository(database);
      handover = new WebhookEnqueuer(jobs, callbacks, presenter, deliveries);
    });

    const ended = async (changes: Partial<Job> = {}): Promise<Job> => {
      const { dispatch } = finishedJob();
      const job = finishedJob({
        dispatch: dispatch && { ...dispatch, callbackUrl: receiver.url() },
        ...{ updatedAt: at(-10), dueAt: at(-10), cancelRequested: false },
        ...changes,
      });
      await jobs.create(job);
      return job;
    };

    it('are the job as it is read, and the job owes nothing any more', async () => {
      const job = await ended();
      const removed = once(callbacks.events, 'removed');
      await handover.enqueue(job);
      await removed;
      expect(idsOf(receiver)).toEqual([job.executionId]);
      expect(receiver.calls[0]?.body).toBe(JSON.stringify(presenter.toResponse(job)));
      expect(await jobs.find(job.jobId)).toEqual({ ...job, dispatch: null, dueAt: null });
      expect(await kept()).toEqual([]);
    });

    it.each<[string, Partial<Job>]>([
      ['that nobody wants to hear of', { dispatch: null }],
      ['that was told already', { dueAt: null }],
      ['that is not final', { status: 'RUNNING' }],
    ])('are none of one %s', async (_what, changes) => {
      const job = await ended(changes);
      await handover.enqueue(job);
      expect([await kept(), await jobs.find(job.jobId)]).toEqual([[], job]);
    });

    it('are made by whoever does it again when the process dies before the job lets go', async () => {
      const job = await ended();
      const fails = (): Promise<never> => Promise.reject(new Error('died'));
      const dying = { updateFields: fails } as unknown as SqliteJobRepository;
      await expect(new WebhookEnqueuer(dying, callbacks, presenter, deliveries).enqueue(job)).rejects.toThrow(
        'died',
      );
      expect([receiver.connections, (await kept()).length]).toEqual([0, 1]);
      jest.setSystemTime(START + 5000);
      const removed = once(callbacks.events, 'removed');
      await handover.enqueue(job);
      await removed;
      expect([idsOf(receiver), await kept()]).toEqual([[job.executionId], []]);
    });

    it('are one when two processes do it, and one more under the same id when one comes late', async () => {
      const job = await ended();
      const removed = once(callbacks.events, 'removed');
      await Promise.all([handover.enqueue(job), handover.enqueue(job)]);
      await removed;
      expect(idsOf(receiver)).toEqual([job.executionId]);
      const removedAgain = once(callbacks.events, 'removed');
      await handover.enqueue(job);
      await removedAgain;
      expect(idsOf(receiver)).toEqual([job.executionId, job.executionId]);
      expect(await kept()).toEqual([]);
    });

    it('are kept although the job is executed again meanwhile', async () => {
      const job = await ended();
      const from = { statuses: [job.status], attempt: job.attempt };
      const running = { ...job, status: 'RUNNING', attempt: 8, fence: 'another' } as const;
      await jobs.transition(job.jobId, from, running);
      const removed = once(callbacks.events, 'removed');
      await handover.enqueue(job);
      await removed;
      expect(idsOf(receiver)).toEqual([job.executionId]);
      expect(await jobs.find(job.jobId)).toMatchObject({ status: 'RUNNING', dueAt: job.dueAt });
    });
  });
});

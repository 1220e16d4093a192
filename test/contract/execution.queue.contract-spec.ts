import type { Delivery, QueueMessage } from '../../src/jobs/execution.queue';
import { EmbeddedDatabase } from '../../src/storage/embedded/embedded-database';
import { SqliteExecutionQueue } from '../../src/storage/embedded/sqlite-execution.queue';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { describeExecutionQueue, messagesOf, neverAborted, newMessage } from './execution.queue.suite';
import { storageSettings } from './storage-settings';

interface Opened {
  readonly queue: SqliteExecutionQueue;
  readonly database: EmbeddedDatabase;
}

const open = (dataDir: string): Opened => {
  const database = new EmbeddedDatabase(storageSettings(dataDir));
  return { queue: new SqliteExecutionQueue(database), database };
};

describeExecutionQueue('SQLite', () => {
  const dataDir = createTemporaryDirectory();
  let opened = open(dataDir);
  const close = (): Promise<void> => {
    opened.database.onApplicationShutdown();
    return Promise.resolve();
  };
  return Promise.resolve({
    queue: opened.queue,
    deliverBriefly: () => Promise.resolve(),
    reopen: async () => {
      await close();
      opened = open(dataDir);
      return opened.queue;
    },
    close,
  });
});

describe('the embedded queue', () => {
  let dataDir: string;
  let opened: Opened;
  let queue: SqliteExecutionQueue;
  beforeEach(() => {
    dataDir = createTemporaryDirectory();
    opened = open(dataDir);
    queue = opened.queue;
  });
  afterEach(() => {
    opened.database.onApplicationShutdown();
  });

  async function sendMessages(count: number): Promise<QueueMessage[]> {
    const messages = Array.from({ length: count }, newMessage);
    for (const message of messages) await queue.send(message);
    return messages;
  }

  const receiveOne = async (): Promise<Delivery> => {
    const [delivery] = await queue.receive(1, neverAborted());
    if (!delivery) throw new Error('nothing was delivered');
    return delivery;
  };

  const positionsOf = (messages: readonly QueueMessage[]): Promise<(number | undefined)[]> =>
    Promise.all(messages.map((message) => queue.findPosition(message)));

  it('delivers in the order of sending, and a released message at its old position', async () => {
    const messages = await sendMessages(4);
    const [first, second] = [await receiveOne(), await receiveOne()];
    await second.release(0);
    await first.release(0);
    expect(messagesOf(await queue.receive(10, neverAborted()))).toEqual(messages);
  });

  it('stores one message for an execution that is sent twice, even while it is delivered', async () => {
    const [message] = await sendMessages(1);
    if (!message) return;
    await queue.send(message);
    const delivery = await receiveOne();
    await queue.send(message);
    const stop = new AbortController();
    const waiting = queue.receive(1, stop.signal);
    await delivery.acknowledge();
    stop.abort();
    expect(await waiting).toEqual([]);
  });

  it('returns the position of each message, not counting delivered ones', async () => {
    const messages = await sendMessages(4);
    expect(await positionsOf(messages)).toEqual([1, 2, 3, 4]);
    const first = await receiveOne();
    expect(await positionsOf(messages)).toEqual([undefined, 1, 2, 3]);
    await first.release(60_000);
    expect(await positionsOf(messages)).toEqual([1, 2, 3, 4]);
    await (await receiveOne()).acknowledge();
    expect(await positionsOf(messages)).toEqual([1, undefined, 2, 3]);
  });

  it('does not deliver a removed message, even if its receiver releases it', async () => {
    const [first, second, third] = await sendMessages(3);
    if (!first || !second) return;
    const delivery = await receiveOne();
    await queue.remove(first);
    await queue.remove(second);
    await delivery.release(0);
    expect(messagesOf(await queue.receive(10, neverAborted()))).toEqual([third]);
  });

  it('shares the messages between concurrent receivers', async () => {
    await sendMessages(6);
    const shares = await Promise.all([10, 1, 10].map((countMax) => queue.receive(countMax, neverAborted())));
    expect(shares.map((share) => share.length)).toEqual([3, 1, 2]);
  });

  it('delivers the next message to the receiver that has waited longest', async () => {
    const waiting = [
      queue.receive(1, neverAborted()),
      queue.receive(1, neverAborted()),
      queue.receive(1, neverAborted()),
    ];
    const messages = await sendMessages(3);
    expect((await Promise.all(waiting)).map(messagesOf)).toEqual(messages.map((message) => [message]));
  });

  it('does not poll while no message is stored: a send wakes the receiver up', async () => {
    await sendMessages(1);
    await receiveOne();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    const waiting = receiveOne();
    await Promise.resolve();
    expect(jest.getTimerCount()).toBe(0);
    const [message] = await sendMessages(1);
    expect((await waiting).message).toEqual(message);
    jest.useRealTimers();
  });

  it('leaves no timer behind when no receiver waits for a delayed message', async () => {
    await sendMessages(1);
    await (await receiveOne()).release(60_000);
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    const stop = new AbortController();
    const waiting = queue.receive(1, stop.signal);
    await Promise.resolve();
    expect(jest.getTimerCount()).toBe(1);
    stop.abort();
    await waiting;
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('delivers a delayed message at once after a restart', async () => {
    const [message] = await sendMessages(1);
    await (await receiveOne()).release(60_000);
    opened.database.onApplicationShutdown();
    opened = open(dataDir);
    queue = opened.queue;
    expect((await receiveOne()).message).toEqual(message);
  });

  it('fails every call while the database is broken, and works again afterwards', async () => {
    const { db } = opened.database;
    const unavailable = { code: 'storage-unavailable' };
    db.exec('ALTER TABLE queue RENAME TO queue_away');
    const calls = [
      () => queue.send(newMessage()),
      () => queue.receive(1, neverAborted()),
      () => queue.remove(newMessage()),
      () => queue.findPosition(newMessage()),
      () => queue.ping(),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject(unavailable);
    db.exec('ALTER TABLE queue_away RENAME TO queue');
    const waiting = receiveOne();
    const [message] = await sendMessages(1);
    expect((await waiting).message).toEqual(message);
  });

  it('delivers 10,000 messages and knows their positions', async () => {
    opened.database.db.exec('BEGIN');
    const messages = await sendMessages(10_000);
    opened.database.db.exec('COMMIT');
    for (let count = 0; count < 100; count += 1) {
      const deliveries = await queue.receive(10, neverAborted());
      expect(deliveries).toHaveLength(10);
      expect(await queue.findPosition(messages.at(-1) ?? newMessage())).toBeGreaterThan(1000);
      for (const delivery of deliveries.slice(0, 5)) await delivery.acknowledge();
    }
  });
});

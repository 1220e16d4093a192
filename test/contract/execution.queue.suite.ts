import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Delivery, ExecutionQueue, QueueMessage } from '../../src/jobs/execution.queue';

export interface ExecutionQueueAdapter {
  readonly queue: ExecutionQueue;
  /** From now on a delivery whose receiver dies comes again within seconds. */
  deliverBriefly(): Promise<void>;
  /** Another one on the same messages, after the death of the first. */
  reopen(): Promise<ExecutionQueue>;
  close(): Promise<void>;
}

/** Timeout of a test that would otherwise pass after a long poll of SQS, which lasts 20 s. */
const SHORTER_THAN_A_POLL_MS = 15_000;

export const newMessage = (): QueueMessage => ({ jobId: uuidv7(), fence: randomUUID() });
export const neverAborted = (): AbortSignal => new AbortController().signal;
export const messagesOf = (deliveries: readonly Delivery[]): QueueMessage[] =>
  deliveries.map(({ message }) => message);

export function describeExecutionQueue(
  name: string,
  makeAdapter: () => Promise<ExecutionQueueAdapter>,
): void {
  describe(`ExecutionQueue: ${name}`, () => {
    let adapter: ExecutionQueueAdapter;
    let queue: ExecutionQueue;
    beforeEach(async () => {
      adapter = await makeAdapter();
      queue = adapter.queue;
    });
    afterEach(() => adapter.close());

    const send = async (from: ExecutionQueue = queue): Promise<QueueMessage> => {
      const message = newMessage();
      await from.send(message);
      return message;
    };

    const receiveOne = async (from: ExecutionQueue = queue): Promise<Delivery> => {
      const [delivery, ...others] = await from.receive(1, neverAborted());
      expect(others).toEqual([]);
      if (!delivery) throw new Error('nothing was delivered');
      return delivery;
    };

    it('delivers a message unchanged', async () => {
      const message = await send();
      expect((await receiveOne()).message).toEqual(message);
    });

    it(
      'delivers a message at once to a waiting receiver',
      async () => {
        const waiting = receiveOne();
        const message = await send();
        expect((await waiting).message).toEqual(message);
      },
      SHORTER_THAN_A_POLL_MS,
    );

    it('does not deliver an acknowledged message again', async () => {
      await send();
      await (await receiveOne()).acknowledge();
      const next = await send();
      expect((await receiveOne()).message).toEqual(next);
    });

    it('accepts a second acknowledgement', async () => {
      await send();
      const delivery = await receiveOne();
      await delivery.acknowledge();
      await expect(delivery.acknowledge()).resolves.toBeUndefined();
    });

    it('does not deliver a message to two receivers', async () => {
      const [first, second] = [await send(), await send()];
      const received = [await receiveOne(), await receiveOne()];
      expect(messagesOf(received)).toEqual(expect.arrayContaining([first, second]));
    });

    it(
      'delivers a released message at once to a waiting receiver',
      async () => {
        const message = await send();
        const delivery = await receiveOne();
        const waiting = receiveOne();
        await delivery.release(0);
        expect((await waiting).message).toEqual(message);
      },
      SHORTER_THAN_A_POLL_MS,
    );

    it('delivers a message that was released with a delay after that delay, and not before', async () => {
      const message = await send();
      const delivery = await receiveOne();
      const sinceMs = performance.now();
      await delivery.release(1000);
      expect((await receiveOne()).message).toEqual(message);
      // Never early, except for the resolution of the clocks.
      expect(performance.now() - sinceMs).toBeGreaterThan(950);
    });

    it('delivers other messages while one is delayed', async () => {
      await send();
      await (await receiveOne()).release(60_000);
      const other = await send();
      expect((await receiveOne()).message).toEqual(other);
    });

    it(
      'returns nothing at once to a receiver whose signal is aborted, or aborts while it waits',
      async () => {
        await send();
        expect(await queue.receive(1, AbortSignal.abort())).toEqual([]);
        await receiveOne();
        const stop = new AbortController();
        const waiting = queue.receive(1, stop.signal);
        stop.abort();
        expect(await waiting).toEqual([]);
      },
      SHORTER_THAN_A_POLL_MS,
    );

    it(
      'loses no message to a receiver that has stopped',
      async () => {
        const stop = new AbortController();
        const stopped = queue.receive(10, stop.signal);
        const waiting = receiveOne();
        stop.abort();
        const message = await send();
        expect((await waiting).message).toEqual(message);
        expect(await stopped).toEqual([]);
      },
      SHORTER_THAN_A_POLL_MS,
    );

    it('delivers a message again after its receiver has died', async () => {
      await adapter.deliverBriefly();
      const message = await send();
      await receiveOne();
      const reopened = await adapter.reopen();
      expect((await receiveOne(reopened)).message).toEqual(message);
    });

    it('keeps sent messages, and no acknowledged ones, over a restart', async () => {
      await send();
      await (await receiveOne()).acknowledge();
      const message = await send();
      const reopened = await adapter.reopen();
      expect((await receiveOne(reopened)).message).toEqual(message);
    });

    it.each([1, 3, 10])(
      'delivers at most %d messages at a time, and all of them in the end',
      async (countMax) => {
        const sent: QueueMessage[] = [];
        for (let count = 0; count < 12; count += 1) sent.push(await send());
        const received: QueueMessage[] = [];
        while (received.length < sent.length) {
          const deliveries = await queue.receive(countMax, neverAborted());
          expect(deliveries.length).toBeGreaterThan(0);
          expect(deliveries.length).toBeLessThanOrEqual(countMax);
          received.push(...messagesOf(deliveries));
        }
        expect(byFence(received)).toEqual(byFence(sent));
      },
    );

    it('delivers each of many messages to exactly one of several receivers', async () => {
      const [sent, received]: [QueueMessage[], QueueMessage[]] = [[], []];
      const [all, stop] = [60, new AbortController()];
      const receiver = async (): Promise<void> => {
        while (!stop.signal.aborted) {
          for (const delivery of await queue.receive(3, stop.signal)) {
            received.push(delivery.message);
            await delivery.acknowledge();
          }
          if (received.length >= all) stop.abort();
        }
      };
      const sender = async (): Promise<void> => {
        for (let count = 0; count < all; count += 1) sent.push(await send());
      };
      await Promise.all([receiver(), receiver(), receiver(), receiver(), sender()]);
      expect(byFence(received)).toEqual(byFence(sent));
    });

    it('accepts the removal of a stored, a removed and an unknown message', async () => {
      const message = await send();
      for (const removed of [message, message, newMessage()])
        await expect(queue.remove(removed)).resolves.toBeUndefined();
    });

    it('returns no position for an unknown message', async () => {
      expect(await queue.findPosition(newMessage())).toBeUndefined();
    });

    it('responds to a ping', async () => {
      await expect(queue.ping()).resolves.toBeUndefined();
    });
  });
}

const byFence = (messages: readonly QueueMessage[]): QueueMessage[] =>
  [...messages].sort((one, other) => (one.fence < other.fence ? -1 : 1));

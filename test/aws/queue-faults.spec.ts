import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { SqsExecutionQueue } from '../../src/storage/aws/sqs-execution.queue';
import { messagesOf, neverAborted, newMessage } from '../contract/execution.queue.suite';
import { FaultProxy } from './fault-proxy';
import { receiveDeadLetter, deleteQueue, sendMessage, setVisibilityTimeout } from './queues';
import { provisionStorage, createStorage, openStorage } from './storage';

/** Timeout of a test that would otherwise pass after a long poll (20 s), or when a hidden message appears again (30 s). */
const SHORTER_THAN_A_POLL_MS = 15_000;

describe('an SQS queue', () => {
  let proxy: FaultProxy;
  let queue: SqsExecutionQueue;
  let storage: Awaited<ReturnType<typeof createStorage>>;
  const opened: SqsExecutionQueue[] = [];
  let names: string[];

  const open = ({ settings, clients, calls }: typeof storage): SqsExecutionQueue => {
    const made = new SqsExecutionQueue(settings, clients, calls);
    opened.push(made);
    return made;
  };
  const proxySettings = (): Record<string, string> => ({
    AWS_ENDPOINT_URL_SQS: proxy.url,
    AWS_REQUEST_TIMEOUT: '500',
    AWS_MAX_ATTEMPTS: '2',
  });

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    proxy = await FaultProxy.start(process.env['AWS_TEST_SQS_URL'] ?? '');
    names = [];
    proxy.selectFault = ({ name }) => {
      names.push(name);
      return undefined;
    };
    storage = await createStorage(proxySettings());
    queue = open(storage);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.onApplicationShutdown()));
    await proxy.close();
  });

  /** The response to the first attempt at this call is lost. */
  const loseResponse = (lost: string): void => {
    proxy.selectFault = ({ name, attempt }) => (name === lost && attempt === 1 ? 'reset after' : undefined);
  };

  it('that is missing makes every call fail with that reason, and works as soon as it exists', async () => {
    const name = `test-${randomUUID()}`;
    const missing = open(openStorage(name));
    const calls = [
      () => missing.send(newMessage()),
      () => missing.receive(1, neverAborted()),
      () => missing.ping(),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: 'storage-unavailable',
        explanation: 'SQS has no such queue.',
      });
    }
    await provisionStorage(openStorage(name).settings);
    const message = newMessage();
    await missing.send(message);
    expect(messagesOf(await missing.receive(1, neverAborted()))).toEqual([message]);
  });

  it('that is deleted and created again is found by an adapter that has used it before', async () => {
    await queue.send(newMessage());
    await queue.send(newMessage());
    expect(names).toEqual(['GetQueueUrl', 'SendMessage', 'SendMessage']);
    await deleteQueue(storage.settings);
    await expect(queue.ping()).rejects.toMatchObject({ explanation: 'SQS has no such queue.' });
    await provisionStorage(storage.settings);
    names.length = 0;
    await queue.send(newMessage());
    expect(names).toEqual(['GetQueueUrl', 'SendMessage']);
  });

  it('that an emulator has lost is recreated with AWS_BOOTSTRAP by the call that found it missing', async () => {
    const lost = open(openStorage(`test-${randomUUID()}`, { AWS_BOOTSTRAP: 'true' }));
    const message = newMessage();
    await lost.send(message);
    expect(messagesOf(await lost.receive(1, neverAborted()))).toEqual([message]);
  });

  it('that resets connections makes every call fail with storage-unavailable', async () => {
    proxy.selectFault = () => 'reset before';
    for (const call of [
      () => queue.send(newMessage()),
      () => queue.receive(1, neverAborted()),
      () => queue.ping(),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  it('keeps a message whose sender received no response', async () => {
    loseResponse('SendMessage');
    const message = newMessage();
    await queue.send(message);
    const received = messagesOf(await queue.receive(10, neverAborted()));
    expect(received.length).toBeGreaterThan(0);
    expect(received).toEqual(received.map(() => message));
  });

  it.each([
    ['deletes a message that was accepted', 'DeleteMessage', true],
    ['redelivers a message that was returned', 'ChangeMessageVisibility', false],
  ])('%s, although the response to the receiver was lost', async (_what, call, isAccepted) => {
    const message = newMessage();
    await queue.send(message);
    const [delivery] = await queue.receive(1, neverAborted());
    loseResponse(call);
    await (isAccepted ? delivery?.acknowledge() : delivery?.release(0));
    const next = newMessage();
    await queue.send(next);
    expect(messagesOf(await queue.receive(1, neverAborted()))).toEqual([isAccepted ? next : message]);
  });

  it(
    'that does not respond delays neither a receiver that stops nor the shutdown',
    async () => {
      await queue.ping();
      proxy.selectFault = () => 'silent';
      const stop = new AbortController();
      const waiting = queue.receive(1, stop.signal);
      stop.abort();
      expect(await waiting).toEqual([]);
      await queue.onApplicationShutdown();
    },
    SHORTER_THAN_A_POLL_MS,
  );

  it(
    'redelivers at once a message that arrived after its receiver had stopped',
    async () => {
      await queue.ping();
      const stop = new AbortController();
      const polling = new Promise<void>((resolve) => {
        proxy.selectFault = ({ name }) => {
          names.push(name);
          if (name === 'ReceiveMessage') resolve();
          return undefined;
        };
      });
      const waiting = queue.receive(1, stop.signal);
      await polling;
      stop.abort();
      const message = newMessage();
      await queue.send(message);
      expect(await waiting).toEqual([]);
      await queue.onApplicationShutdown();
      expect(names).toContain('ChangeMessageVisibility');
      const other = open(storage);
      expect(messagesOf(await other.receive(1, neverAborted()))).toEqual([message]);
    },
    SHORTER_THAN_A_POLL_MS,
  );

  it(
    'is no longer polled by a receiver that has stopped',
    async () => {
      const stop = new AbortController();
      const waiting = queue.receive(1, stop.signal);
      stop.abort();
      await waiting;
      await queue.onApplicationShutdown();
      const message = newMessage();
      const other = open(storage);
      await other.send(message);
      expect(messagesOf(await other.receive(1, neverAborted()))).toEqual([message]);
    },
    SHORTER_THAN_A_POLL_MS,
  );

  it.each(['hello', '"text"', 'null', '{}', '{"job_id":1,"fence":"x"}', '{"job_id":"x"}'])(
    'does not deliver an invalid message, which moves to the dead-letter queue: %s',
    async (text) => {
      // Each delivery becomes visible again at once.
      await setVisibilityTimeout(storage.settings, 0);
      await sendMessage(storage.settings, text);
      const stop = new AbortController();
      const receiving = queue.receive(1, stop.signal);
      expect(await receiveDeadLetter(storage.settings)).toBe(text);
      await setVisibilityTimeout(storage.settings, 30);
      const message = newMessage();
      await queue.send(message);
      expect(messagesOf(await receiving)).toEqual([message]);
    },
  );

  it('limits the delay of a returned message to the maximum of SQS', async () => {
    await queue.send(newMessage());
    const [delivery] = await queue.receive(1, neverAborted());
    await expect(delivery?.release(100 * 60 * 60 * 1000)).resolves.toBeUndefined();
  });
});

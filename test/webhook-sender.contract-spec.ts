import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Webhook } from '../src/jobs/webhook.repository';
import { ForbiddenAddressError, openConnection } from '../src/execution/webhooks/webhook-connection';
import {
  DELIVERY_TIMEOUT_MS,
  type DeliveryResult,
  WebhookSender,
} from '../src/execution/webhooks/webhook-sender';
import { callbackSettings } from './support/webhooks';
import { newWebhook } from './contract/webhook.repository.suite';
import { Receiver, silent, status } from './support/receiver';

const KEY = Buffer.from('a key of at least 24 bytes!');
const PRIVATE = { kind: 'failed', reason: expect.stringContaining('CALLBACK_PRIVATE_ADDRESSES') as string };

describe('WebhookSender', () => {
  const never = new AbortController().signal;
  const anywhere = new WebhookSender(callbackSettings({ key: KEY, CALLBACK_PRIVATE_ADDRESSES: 'true' }));
  const guarded = new WebhookSender(callbackSettings({ key: KEY }));
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await Receiver.listen();
  });
  afterEach(async () => {
    jest.useRealTimers();
    await receiver.close();
  });

  const send = (url = receiver.url(), changes: Partial<Webhook> = {}): Promise<DeliveryResult> =>
    anywhere.send(newWebhook({ url, ...changes }), never);

  it('POSTs the unchanged body to the whole path, with its version as user agent', async () => {
    const body = JSON.stringify({ stdout: 'é😀\0\n' });
    expect(await send(receiver.url('/done/%C3%A9?token=a%20b&b#part'), { body })).toEqual({
      kind: 'delivered',
    });
    const [call] = receiver.calls;
    expect(call).toMatchObject({ method: 'POST', path: '/done/%C3%A9?token=a%20b&b', body });
    expect(call?.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body).toString(),
      host: `127.0.0.1:${receiver.port.toString()}`,
      connection: 'close',
      'user-agent': expect.stringMatching(/^service-server\/\d+\.\d+\.\d+$/) as string,
    });
  });

  it('signs body and time according to Standard Webhooks', async () => {
    const webhook = newWebhook({ url: receiver.url() });
    const before = Math.floor(Date.now() / 1000);
    await anywhere.send(webhook, never);
    const [call] = receiver.calls;
    const headers = call?.headers ?? {};
    const timestamp = String(headers['webhook-timestamp']);
    expect([headers['webhook-id'], call?.body]).toEqual([webhook.id, webhook.body]);
    expect(timestamp).toMatch(/^\d{10}$/);
    expect(Number(timestamp) - before).toBeGreaterThanOrEqual(0);
    expect(Number(timestamp)).toBeLessThanOrEqual(Date.now() / 1000);
    const mac = createHmac('sha256', KEY)
      .update(`${webhook.id}.${timestamp}.${webhook.body}`)
      .digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${mac}`);
  });

  it('sends nothing without a key to sign with', async () => {
    const keyless = new WebhookSender(callbackSettings({ CALLBACK_PRIVATE_ADDRESSES: 'true' }));
    expect(await keyless.send(newWebhook({ url: receiver.url() }), never)).toMatchObject({ kind: 'failed' });
    expect(receiver.connections).toBe(0);
  });

  it.each([200, 201, 202, 204, 299])('succeeds when the status is %d', async (code) => {
    receiver.handler = status(code);
    expect(await send()).toEqual({ kind: 'delivered' });
  });

  it('reports the webhook as gone when the status is 410', async () => {
    receiver.handler = status(410);
    expect(await send()).toEqual({ kind: 'gone' });
  });

  it.each([304, 400, 401, 404, 429, 500, 503])('fails when the status is %d', async (code) => {
    receiver.handler = status(code);
    expect(await send()).toEqual({ kind: 'failed', reason: `HTTP status ${code.toString()}` });
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: %d', async (code) => {
    const other = await Receiver.listen();
    receiver.handler = status(code, { location: other.url() });
    expect(await send()).toEqual({ kind: 'failed', reason: `HTTP status ${code.toString()}` });
    expect(other.connections).toBe(0);
    await other.close();
  });

  it('fails when no server listens', async () => {
    await receiver.close();
    const url = `http://127.0.0.1:${(await freePort()).toString()}/`;
    expect(await send(url)).toEqual({ kind: 'failed', reason: 'ECONNREFUSED' });
  });

  it.each([
    ['closes the connection', ''],
    ['speaks no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['changes the protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['sends endless headers', `HTTP/1.1 200 OK\r\n${`x: ${'y'.repeat(1000)}\r\n`.repeat(1000)}`],
  ])('fails when the receiver %s', async (_what, bytes) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(bytes));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await send(`http://127.0.0.1:${port.toString()}/`)).toMatchObject({ kind: 'failed' });
    server.close();
  });

  it('fails when the receiver speaks no TLS', async () => {
    expect(await send(receiver.url().replace('http:', 'https:'))).toMatchObject({ kind: 'failed' });
  });

  it('fails after ten seconds without a response', async () => {
    receiver.handler = silent;
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
    const result = send();
    await receiver.called(1);
    jest.advanceTimersByTime(DELIVERY_TIMEOUT_MS - 1);
    expect(await Promise.race([result, after(setImmediate)])).toBe('not yet');
    jest.advanceTimersByTime(1);
    expect(await result).toEqual({ kind: 'failed', reason: 'timeout' });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('succeeds when the status has arrived, even if the rest of the response never ends', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
    receiver.handler = (_request, response) => {
      response.writeHead(200).write('{');
    };
    const result = send();
    await receiver.called(1);
    // When a second connection gets its response, the head of the first response has arrived.
    await (await fetch(receiver.url(), { method: 'POST', body: '' })).body?.cancel();
    jest.advanceTimersByTime(DELIVERY_TIMEOUT_MS);
    expect(await result).toEqual({ kind: 'delivered' });
  });

  it('reads only the first part of a huge response, and succeeds', async () => {
    let [sent, isCut] = [0, Promise.resolve() as Promise<unknown>];
    receiver.handler = (_request, response) => {
      isCut = once(response, 'close');
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) sent += 16_384;
      };
      response.on('drain', write).writeHead(200);
      write();
    };
    expect(await send()).toEqual({ kind: 'delivered' });
    await isCut;
    // The buffers of both sides take more than the sender reads.
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('stops at once when its signal aborts', async () => {
    receiver.handler = silent;
    const stop = new AbortController();
    const result = anywhere.send(newWebhook({ url: receiver.url() }), stop.signal);
    await receiver.called(1);
    stop.abort();
    expect(await result).toEqual({ kind: 'stopped' });
    expect(await anywhere.send(newWebhook({ url: receiver.url() }), stop.signal)).toEqual({
      kind: 'stopped',
    });
    expect(receiver.calls).toHaveLength(1);
  });

  it.each(['127.0.0.1', 'localhost', '127.1', '2130706433', '[::ffff:127.0.0.1]', '0.0.0.0', '0', '[::]'])(
    'does not connect to this machine as %s unless private addresses are allowed',
    async (host) => {
      expect(await guarded.send(newWebhook({ url: receiver.url('/', host) }), never)).toEqual(PRIVATE);
      expect(receiver.connections).toBe(0);
    },
  );

  it('rejects a connection whose remote address is not allowed, although the resolved address was', async () => {
    let checks = 0;
    const onlyAtFirst = (): boolean => (checks += 1) === 1;
    const url = new URL(receiver.url('/', 'localhost'));
    await expect(openConnection(url, onlyAtFirst, never)).rejects.toThrow(ForbiddenAddressError);
    expect([checks, receiver.calls]).toEqual([2, []]);
  });
});

/** Resolves after a turn of the event loop, in which everything that is ready settles. */
const after = (turn: (then: () => void) => unknown): Promise<string> =>
  new Promise((resolve) =>
    turn(() => {
      resolve('not yet');
    }),
  );

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

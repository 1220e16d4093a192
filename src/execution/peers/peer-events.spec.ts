import { once } from 'node:events';
import { type IncomingHttpHeaders, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { PEER_HEADER } from './peer-address';
import { PeerEvents } from './peer-events';
import { type StreamEvent, eventToText } from '../events/stream-event';

const JOB_ID = '01935d2e-7c1a-7000-8000-000000000000';
const SINCE = { kind: 'output', attempt: 1, chunks: 2 } as const;
const HEARTBEAT_MS = 50;

const output = (chunks: number, data: string): StreamEvent => ({
  cursor: { kind: 'output', attempt: 1, chunks },
  name: 'stdout',
  data,
});

describe('PeerEvents', () => {
  let server: Server;
  let respond: (response: ServerResponse) => void;
  let received: { path: string | undefined; headers: IncomingHttpHeaders };
  let disconnected: Promise<unknown>;
  const events = new PeerEvents({ heartbeatMs: HEARTBEAT_MS, stallMsMax: 1000 });
  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = createServer((request, response) => {
      received = { path: request.url, headers: request.headers };
      disconnected = once(response, 'close');
      respond(response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`;
  async function read(signal = new AbortController().signal): Promise<StreamEvent[]> {
    const seen: StreamEvent[] = [];
    for await (const event of events.read(url(), JOB_ID, SINCE, signal)) seen.push(event);
    return seen;
  }
  const streams = (write: (response: ServerResponse) => void): void => {
    respond = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      write(response);
    };
  };

  it('requests the events after the cursor, with the header that forbids forwarding', async () => {
    streams((response) => response.end());
    await read();
    expect(received.path).toBe(`/api/jobs/${JOB_ID}/events`);
    expect(received.headers).toMatchObject({ 'last-event-id': '1.2', [PEER_HEADER]: '1' });
  });

  it('yields events unchanged, however the stream is split, and skips comments', async () => {
    const sent = [output(3, '{"data":"é: \u2028"}'), output(4, '{}')];
    const text = Buffer.from(`retry: 1000\n: heartbeat\n\n${sent.map(eventToText).join(': heartbeat\n\n')}`);
    streams((response) => {
      const next = (at: number): void => {
        if (at < text.length) response.write(text.subarray(at, at + 1), () => setImmediate(next, at + 1));
        else response.end();
      };
      next(0);
    });
    expect(await read()).toEqual(sent);
  });

  it.each([
    ['closes the stream', (response: ServerResponse) => response.end()],
    ['breaks the connection', (response: ServerResponse) => response.destroy()],
  ])('ignores an incomplete event of a peer that %s', async (_how, end) => {
    streams((response) => {
      response.write(eventToText(output(3, '{}')) + eventToText(output(4, '{}')).slice(0, -1), () => {
        setTimeout(end, 20, response);
      });
    });
    expect(await read()).toEqual([output(3, '{}')]);
  });

  it.each([
    ['returns an error', (response: ServerResponse) => response.writeHead(404).end()],
    ['resets the connection', (response: ServerResponse) => response.destroy()],
    [
      'sends another media type',
      (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>\n\n'),
    ],
    [
      'sends unknown events',
      (response: ServerResponse) =>
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: x\nevent: y\ndata: z\n\n'),
    ],
    ['does not respond', () => undefined],
    [
      'sends no heartbeat',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      },
    ],
  ])('yields nothing and disconnects from a peer that %s', async (_how, how) => {
    respond = how;
    expect(await read()).toEqual([]);
    await disconnected;
  });

  it('yields nothing when the peer cannot be reached', async () => {
    const seen: StreamEvent[] = [];
    const { signal } = new AbortController();
    for await (const event of events.read('http://127.0.0.1:9', JOB_ID, SINCE, signal)) seen.push(event);
    expect(seen).toEqual([]);
  });

  it('disconnects when the reader stops or its signal aborts', async () => {
    const reading = new AbortController();
    streams((response) => response.write(eventToText(output(3, '{}'))));
    for await (const event of events.read(url(), JOB_ID, SINCE, reading.signal)) {
      expect(event).toEqual(output(3, '{}'));
      break;
    }
    await disconnected;
    for await (const event of events.read(url(), JOB_ID, SINCE, reading.signal)) {
      expect(event).toEqual(output(3, '{}'));
      reading.abort();
    }
    await disconnected;
    respond = () => {
      throw new Error('unexpected request');
    };
    expect(await read(AbortSignal.abort())).toEqual([]);
  });
});

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { settledOrAborted } from '../../common/async/abort';
import { deferred } from '../../common/async/deferred';
import type { EventsSettings } from '../../config/settings';
import { EVENT_STREAM_TYPE, HEARTBEAT, type StreamEvent, eventToText } from './stream-event';

/** Milliseconds after which a client reconnects when its stream is interrupted. */
const RETRY_MS = 1000;
/** Starts every stream; the comment makes proxies forward the response head. */
export const PREAMBLE = `retry: ${RETRY_MS.toString()}\n${HEARTBEAT}`;

const HEADERS = {
  'content-type': EVENT_STREAM_TYPE,
  // Proxies must not cache the stream, and not transform it either: compression would delay events.
  'cache-control': 'no-cache, no-transform',
  // Otherwise nginx buffers responses.
  'x-accel-buffering': 'no',
};

/** Writes events to one client, no faster than the client reads. */
export class EventWriter {
  private readonly raw: ServerResponse;

  /** @param signal ends the stream when it aborts */
  constructor(
    private readonly reply: FastifyReply,
    private readonly settings: EventsSettings,
    private readonly signal: AbortSignal,
  ) {
    this.raw = reply.raw;
  }

  /** Calls the callback when the connection closes, or at once if it is closed already. */
  onClose(callback: () => void): void {
    if (this.raw.destroyed) callback();
    else this.raw.once('close', callback);
  }

  /**
   * Sends the response head with the first event, so that an error before it can still set the status.
   * @throws whatever `events` throws; after the head was sent, the response can only be interrupted
   */
  async write(events: AsyncIterable<StreamEvent>): Promise<void> {
    const heartbeat = setInterval(() => {
      if (this.raw.headersSent && !this.raw.writableNeedDrain && !this.signal.aborted)
        this.raw.write(HEARTBEAT);
    }, this.settings.heartbeatMs);
    try {
      for await (const event of events) {
        if (!this.raw.headersSent) this.sendHead();
        heartbeat.refresh();
        await this.send(eventToText(event));
        if (this.signal.aborted) break;
      }
    } finally {
      clearInterval(heartbeat);
    }
    this.end();
  }

  /** Sends the head alone, for HEAD. */
  writeHead(): void {
    this.sendHead();
    this.raw.end();
  }

  private sendHead(): void {
    this.reply.hijack();
    // `onClose` reports a broken connection, but without a listener an error would end the process.
    this.raw.on('error', () => undefined);
    this.raw.socket?.setNoDelay(true);
    // Includes the headers that hooks have set, for example for CORS.
    this.raw.writeHead(200, { ...(this.reply.getHeaders() as OutgoingHttpHeaders), ...HEADERS });
    this.raw.write(PREAMBLE);
  }

  private end(): void {
    this.raw.end();
    if (this.raw.destroyed) return;
    const stallTimer = this.closeIfStalled();
    this.raw.once('close', () => {
      clearTimeout(stallTimer);
    });
  }

  private async send(text: string): Promise<void> {
    if (this.raw.write(text) || this.signal.aborted) return;
    const { promise, resolve } = deferred();
    const stallTimer = this.closeIfStalled();
    this.raw.once('drain', resolve);
    await settledOrAborted(promise, this.signal);
    clearTimeout(stallTimer);
    this.raw.off('drain', resolve);
  }

  /** A client that stops reading costs memory and a connection. It gets the missing events when it reconnects. */
  private closeIfStalled(): NodeJS.Timeout {
    return setTimeout(() => {
      this.raw.destroy();
    }, this.settings.stallMsMax);
  }
}

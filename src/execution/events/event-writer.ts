/** Writes a stream of events to one reader, as fast as it reads and no faster. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { settledOrAborted } from '../../common/async/abort';
import { deferred } from '../../common/async/deferred';
import type { EventsSettings } from '../../config/settings';
import { EVENT_STREAM_TYPE, HEARTBEAT, type StreamEvent, eventToText } from './stream-event';

/** ms after which a reader whose stream has broken off comes again. */
const RETRY_MS = 1000;
/** The comment makes whatever is in between pass the head on. */
export const PREAMBLE = `retry: ${RETRY_MS.toString()}\n${HEARTBEAT}`;

const HEADERS = {
  'content-type': EVENT_STREAM_TYPE,
  // Neither kept nor changed on its way: what compresses would hold it back.
  'cache-control': 'no-cache, no-transform',
  // nginx buffers answers otherwise.
  'x-accel-buffering': 'no',
};

export class EventWriter {
  private readonly raw: ServerResponse;

  /** @param signal aborts when the stream is to end */
  constructor(
    private readonly reply: FastifyReply,
    private readonly settings: EventsSettings,
    private readonly signal: AbortSignal,
  ) {
    this.raw = reply.raw;
  }

  /** Calls it once the connection is gone, or now when it is. */
  onClose(callback: () => void): void {
    if (this.raw.destroyed) callback();
    else this.raw.once('close', callback);
  }

  /**
   * Sends the head with the first event, so that a fault before it still has its status.
   * @throws whatever `events` throws; once the head is sent, the answer can only be cut
   */
  async write(events: AsyncIterable<StreamEvent>): Promise<void> {
    const heartbeat = setInterval(() => {
      if (this.raw.headersSent && !this.raw.writableNeedDrain && !this.signal.aborted)
        this.raw.write(HEARTBEAT);
    }, this.settings.heartbeatMs);
    try {
      for await (const event of events) {
        if (!this.raw.headersSent) this.begin();
        heartbeat.refresh();
        await this.send(eventToText(event));
        if (this.signal.aborted) break;
      }
    } finally {
      clearInterval(heartbeat);
    }
    this.end();
  }

  /** The head alone, as HEAD asks for it. */
  writeHead(): void {
    this.begin();
    this.raw.end();
  }

  private begin(): void {
    this.reply.hijack();
    // Whatever breaks, the end of the connection tells.
    this.raw.on('error', () => undefined);
    this.raw.socket?.setNoDelay(true);
    // What the hooks have set, of CORS and of others, goes with it.
    this.raw.writeHead(200, { ...(this.reply.getHeaders() as OutgoingHttpHeaders), ...HEADERS });
    this.raw.write(PREAMBLE);
  }

  private end(): void {
    this.raw.end();
    if (this.raw.destroyed) return;
    const patience = this.dropLater();
    this.raw.once('close', () => {
      clearTimeout(patience);
    });
  }

  private async send(text: string): Promise<void> {
    if (this.raw.write(text) || this.signal.aborted) return;
    const { promise, resolve } = deferred();
    const patience = this.dropLater();
    this.raw.once('drain', resolve);
    await settledOrAborted(promise, this.signal);
    clearTimeout(patience);
    this.raw.off('drain', resolve);
  }

  /** A reader that takes nothing for so long costs memory and a connection; what it lacks it gets when it comes again. */
  private dropLater(): NodeJS.Timeout {
    return setTimeout(() => {
      this.raw.destroy();
    }, this.settings.stallMsMax);
  }
}

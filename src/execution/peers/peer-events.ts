import { type IncomingMessage, get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { Injectable, Logger } from '@nestjs/common';
import { readLines } from '../../common/lines';
import { EventsSettings } from '../../config/settings';
import { PEER_HEADER } from './peer-address';
import { type EventCursor, cursorFromId, cursorToId } from '../events/event-cursor';
import { EVENT_NAMES, EVENT_STREAM_TYPE, type EventName, type StreamEvent } from '../events/stream-event';

/** Milliseconds within which a peer must start its response. */
const RESPONSE_MS_MAX = 2000;
/** Heartbeats that a peer may miss before its connection counts as dead. */
const HEARTBEATS_MISSED_MAX = 2;

/** Reads the event streams of other gateways. */
@Injectable()
export class PeerEvents {
  private readonly logger = new Logger(PeerEvents.name);

  constructor(private readonly settings: EventsSettings) {}

  /**
   * Ends when the stream ends or is interrupted, or when the peer cannot be reached. The caller then reads the job again.
   * @param peer base URL of the other gateway
   */
  async *read(
    peer: string,
    jobId: string,
    since: EventCursor,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    let response: IncomingMessage | undefined;
    try {
      response = await this.request(`${peer}/api/jobs/${jobId}/events`, since, signal);
      yield* parseEvents(response);
    } catch (error) {
      if (!signal.aborted)
        this.logger.debug({ err: error, job_id: jobId, peer }, 'failed to read events from peer');
    } finally {
      response?.destroy();
    }
  }

  /** @throws Error when the peer does not respond with an event stream in time */
  private async request(url: string, since: EventCursor, signal: AbortSignal): Promise<IncomingMessage> {
    const get = url.startsWith('https:') ? getHttps : getHttp;
    const headers = { accept: EVENT_STREAM_TYPE, [PEER_HEADER]: '1', 'last-event-id': cursorToId(since) };
    return new Promise((resolve, reject) => {
      // Without an agent, the connection is closed and not kept for reuse.
      const request = get(url, { headers, signal, agent: false });
      const timer = setTimeout(() => {
        request.destroy(new Error('no response in time'));
      }, RESPONSE_MS_MAX);
      request.setTimeout(this.settings.heartbeatMs * HEARTBEATS_MISSED_MAX + RESPONSE_MS_MAX, () => {
        request.destroy(new Error('no heartbeat in time'));
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      request.once('response', (response) => {
        clearTimeout(timer);
        const { statusCode, headers } = response;
        if (statusCode === 200 && headers['content-type']?.startsWith(EVENT_STREAM_TYPE)) {
          resolve(response);
          return;
        }
        response.destroy();
        reject(new Error(`HTTP status ${String(statusCode)}`));
      });
    });
  }
}

/** Parses what `eventToText` wrote. An event without the blank line at its end is ignored. */
async function* parseEvents(response: IncomingMessage): AsyncGenerator<StreamEvent> {
  const bytes: AsyncIterable<Buffer> = response;
  let fields: Partial<Record<string, string>> = {};
  for await (const line of readLines(bytes)) {
    if (line === '') {
      const event = parseEvent(fields);
      if (event) yield event;
      fields = {};
    } else {
      const colon = line.indexOf(': ');
      fields[line.slice(0, colon)] = line.slice(colon + 2);
    }
  }
}

/**
 * @returns undefined for comments and for `retry`
 * @throws Error for an event that this version does not know
 */
function parseEvent({ id, event, data }: Partial<Record<string, string>>): StreamEvent | undefined {
  if (event === undefined && data === undefined) return undefined;
  const cursor = cursorFromId(id ?? '');
  if (!cursor || !isName(event) || data === undefined) throw new Error('unknown event');
  return { cursor, name: event, data };
}

const isName = (name: string | undefined): name is EventName =>
  (EVENT_NAMES as readonly (string | undefined)[]).includes(name);

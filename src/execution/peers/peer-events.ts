/** The events of an execution that another process runs, as that process sends them. */
import { type IncomingMessage, get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { Injectable, Logger } from '@nestjs/common';
import { readLines } from '../../common/lines';
import { EventsSettings } from '../../config/settings';
import { PEER_HEADER } from './peer-address';
import { type EventCursor, cursorFromId, cursorToId } from '../events/event-cursor';
import { EVENT_NAMES, EVENT_STREAM_TYPE, type EventName, type StreamEvent } from '../events/stream-event';

/** ms within which a process that is there answers. */
const ANSWER_MS_MAX = 2000;
/** A process that is there has sent its heartbeat by then. */
const HEARTBEATS_MISSED_MAX = 2;

@Injectable()
export class PeerEvents {
  private readonly logger = new Logger(PeerEvents.name);

  constructor(private readonly settings: EventsSettings) {}

  /**
   * Ends when the other process does, cannot be reached, or breaks off: whoever reads looks where the job is then.
   * @param peer its base URL
   */
  async *read(
    peer: string,
    jobId: string,
    since: EventCursor,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    let answer: IncomingMessage | undefined;
    try {
      answer = await this.ask(`${peer}/api/jobs/${jobId}/events`, since, signal);
      yield* eventsOf(answer);
    } catch (error) {
      if (!signal.aborted) this.logger.debug({ err: error, job_id: jobId, peer }, 'a peer sends no events');
    } finally {
      answer?.destroy();
    }
  }

  /** @throws Error when it does not answer with a stream of events in time */
  private async ask(url: string, since: EventCursor, signal: AbortSignal): Promise<IncomingMessage> {
    const get = url.startsWith('https:') ? getHttps : getHttp;
    const headers = { accept: EVENT_STREAM_TYPE, [PEER_HEADER]: '1', 'last-event-id': cursorToId(since) };
    return new Promise((resolve, reject) => {
      // Without an agent nothing is kept of a connection that is over.
      const request = get(url, { headers, signal, agent: false });
      const patience = setTimeout(() => {
        request.destroy(new Error('no answer in time'));
      }, ANSWER_MS_MAX);
      request.setTimeout(this.settings.heartbeatMs * HEARTBEATS_MISSED_MAX + ANSWER_MS_MAX, () => {
        request.destroy(new Error('no sign of life'));
      });
      request.on('error', (error) => {
        clearTimeout(patience);
        reject(error);
      });
      request.once('response', (answer) => {
        clearTimeout(patience);
        const { statusCode, headers: own } = answer;
        if (statusCode === 200 && own['content-type']?.startsWith(EVENT_STREAM_TYPE)) {
          resolve(answer);
          return;
        }
        answer.destroy();
        reject(new Error(`answered ${String(statusCode)}`));
      });
    });
  }
}

/** Reads what eventToText wrote; a block that breaks off before its blank line is no event. */
async function* eventsOf(answer: IncomingMessage): AsyncGenerator<StreamEvent> {
  const bytes: AsyncIterable<Buffer> = answer;
  let fields: Partial<Record<string, string>> = {};
  for await (const line of readLines(bytes)) {
    if (line === '') {
      const event = eventOf(fields);
      if (event) yield event;
      fields = {};
    } else {
      const colon = line.indexOf(': ');
      fields[line.slice(0, colon)] = line.slice(colon + 2);
    }
  }
}

/** Undefined for a comment, and for what says when to come again. @throws Error on what no peer of this version sends */
function eventOf({ id, event, data }: Partial<Record<string, string>>): StreamEvent | undefined {
  if (event === undefined && data === undefined) return undefined;
  const cursor = cursorFromId(id ?? '');
  if (!cursor || !isName(event) || data === undefined) throw new Error('an event that is not known here');
  return { cursor, name: event, data };
}

const isName = (name: string | undefined): name is EventName =>
  (EVENT_NAMES as readonly (string | undefined)[]).includes(name);

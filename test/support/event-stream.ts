import { type IncomingHttpHeaders, type IncomingMessage, get } from 'node:http';
import type { JobBody } from './api';

export interface StatusData {
  readonly job_id: string;
  readonly status: string;
  readonly attempt: number;
  readonly updated_at: string;
  readonly queue_position: number | null;
}

export interface OutputData {
  readonly attempt: number;
  readonly seq: number;
  readonly t_ms: number;
  readonly data: string;
}

interface EventOf<Name extends string, Data> {
  readonly id: string;
  readonly name: Name;
  readonly data: Data;
}

export type StatusEvent = EventOf<'status', StatusData>;
export type OutputEvent = EventOf<'stdout' | 'stderr', OutputData>;
export type ResultEvent = EventOf<'result', JobBody>;
export type JobEvent = StatusEvent | OutputEvent | ResultEvent;

export const isOutput = (event: JobEvent): event is OutputEvent =>
  event.name === 'stdout' || event.name === 'stderr';
export const isStatus = (event: JobEvent): event is StatusEvent => event.name === 'status';
export const isResult = (event: JobEvent): event is ResultEvent => event.name === 'result';

export const textOf = (events: readonly JobEvent[], name?: string): string =>
  events
    .filter(isOutput)
    .filter((event) => name === undefined || event.name === name)
    .map(({ data }) => data.data)
    .join('');

/** The server closed the connection before the end of the response. */
export class CutOffError extends Error {}

export interface StreamOptions {
  /** The id of the last event that was received. */
  readonly after?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A strict reader of Server-Sent Events: it throws on everything that the service should not send. */
export class EventStream implements AsyncIterable<JobEvent> {
  /** Comments in the order in which they arrived. */
  readonly comments: string[] = [];
  retryMs: number | undefined;

  private constructor(private readonly response: IncomingMessage) {}

  /** @param url of a gateway */
  static async open(url: string, jobId: string, options: StreamOptions = {}): Promise<EventStream> {
    const { after, headers = {} } = options;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const all = {
        accept: 'text/event-stream',
        ...headers,
        ...(after !== undefined && { 'last-event-id': after }),
      };
      get(`${url}/api/jobs/${jobId}/events`, { headers: all, agent: false }, resolve).on('error', reject);
    });
    return new EventStream(response);
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get headers(): IncomingHttpHeaders {
    return this.response.headers;
  }

  /** Disconnects. */
  close(): void {
    this.response.destroy();
  }

  /** Stops reading without disconnecting. */
  pause(): void {
    this.response.socket.pause();
  }

  resume(): void {
    this.response.socket.resume();
  }

  /** The body of a response that is not an event stream. */
  async text(): Promise<string> {
    const parts: Buffer[] = [];
    for await (const part of this.response) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  }

  /** @throws CutOffError when the connection ends before the response */
  async *[Symbol.asyncIterator](): AsyncGenerator<JobEvent> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let rest = '';
    try {
      for await (const part of this.response) {
        const blocks = (rest + decoder.decode(part as Buffer, { stream: true })).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const event = this.parse(block.split('\n'));
          if (event) yield event;
        }
      }
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? new CutOffError() : error;
    }
    if (rest !== '') throw new Error(`The stream ended within an event: ${rest}`);
  }

  private parse(lines: readonly string[]): JobEvent | undefined {
    const fields = new Map<string, string>();
    for (const line of lines) {
      if (line.startsWith(': ')) {
        this.comments.push(line.slice(2));
        continue;
      }
      const [, name = '', value = ''] = /^(id|event|data|retry): ([^\r\0]+)$/.exec(line) ?? [];
      if (name === '' || fields.has(name)) throw new Error(`Not a line of an event: ${JSON.stringify(line)}`);
      fields.set(name, value);
    }
    const retry = fields.get('retry');
    if (retry !== undefined) this.retryMs = Number(retry);
    fields.delete('retry');
    if (fields.size === 0) return undefined;
    if ([...fields.keys()].join() !== 'id,event,data') throw new Error(`Not an event: ${lines.join('\n')}`);
    return {
      id: fields.get('id'),
      name: fields.get('event'),
      data: JSON.parse(fields.get('data') ?? '') as unknown,
    } as JobEvent;
  }
}

/** All events until the end of the stream. */
export async function allEvents(
  url: string,
  jobId: string,
  options: StreamOptions = {},
): Promise<JobEvent[]> {
  const stream = await EventStream.open(url, jobId, options);
  if (stream.status !== 200) throw new Error(`${stream.status.toString()}: ${await stream.text()}`);
  const events: JobEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** All events up to and including the first one that matches. The stream stays open. */
export async function eventsUntil(
  events: AsyncIterator<JobEvent>,
  isLast: (event: JobEvent) => boolean,
): Promise<JobEvent[]> {
  const seen: JobEvent[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done) throw new Error(`The stream ended after ${JSON.stringify(seen)}`);
    seen.push(next.value);
    if (isLast(next.value)) return seen;
  }
}

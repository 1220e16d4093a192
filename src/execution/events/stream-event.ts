import type { OutputChunk } from '../../engine-contract/report';
import type { JobResponse } from '../../jobs/dto/job.response.dto';
import type { Job } from '../../jobs/job';
import { type EventCursor, cursorToId, endOfJob } from './event-cursor';

export const EVENT_STREAM_TYPE = 'text/event-stream';
/** A comment, which clients ignore; it shows that a connection without events is alive. */
export const HEARTBEAT = ': heartbeat\n\n';

export const EVENT_NAMES = ['status', 'stdout', 'stderr', 'result'] as const;
export type EventName = (typeof EVENT_NAMES)[number];

export interface StreamEvent {
  /** The position after this event. */
  readonly cursor: EventCursor;
  readonly name: EventName;
  /** JSON, in which a line break of the output is escaped and so cannot end the field. */
  readonly data: string;
}

/** The event as text/event-stream (HTML Standard, 9.2). */
export const eventToText = ({ cursor, name, data }: StreamEvent): string =>
  `id: ${cursorToId(cursor)}\nevent: ${name}\ndata: ${data}\n\n`;

/** @param queuePosition 1 for the next to start; null when the job is not queued or its position is unknown */
export function statusEvent(job: Job, cursor: EventCursor, queuePosition: number | null): StreamEvent {
  const data = {
    job_id: job.jobId,
    status: job.status,
    attempt: job.attempt,
    updated_at: job.updatedAt,
    queue_position: queuePosition,
  };
  return { cursor, name: 'status', data: JSON.stringify(data) };
}

export function outputEvent(attempt: number, { seq, tMs, stream, ...more }: OutputChunk): StreamEvent {
  return {
    cursor: { kind: 'output', attempt, chunks: seq + 1 },
    name: stream,
    data: JSON.stringify({ attempt, seq, t_ms: tMs, ...more }),
  };
}

export const resultEvent = (job: Job, body: JobResponse): StreamEvent => ({
  cursor: endOfJob(job),
  name: 'result',
  data: JSON.stringify(body),
});

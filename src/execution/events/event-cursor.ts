/**
 * Where a reader is in the events of a job. As text it is the id of an event: what Last-Event-ID gives back, so that the
 * stream goes on behind that event.
 */
import { type Job, isFinal } from '../../jobs/job';

export type EventCursor =
  /** So many chunks of the output of this attempt have been sent. */
  | { readonly kind: 'output'; readonly attempt: number; readonly chunks: number }
  /** All has been sent, down to the result of the job that ended then. */
  | { readonly kind: 'end'; readonly attempt: number; readonly endedMs: number };

/** Before the output of an attempt. */
export const startOfAttempt = (attempt: number): EventCursor => ({ kind: 'output', attempt, chunks: 0 });

/**
 * Behind the result of a final job. The number of the attempt alone would not tell: a job that is queued again and cancelled
 * before it is begun ends once more in the same attempt.
 */
export const endOfJob = ({ attempt, completedAt, updatedAt }: Job): EventCursor => ({
  kind: 'end',
  attempt,
  endedMs: Date.parse(completedAt ?? updatedAt),
});

/** Where the output that may come next begins: of a job that waits, that of its next attempt. */
export function resumeCursor({ attempt, status }: Job, cursor: EventCursor | undefined): EventCursor {
  const current = status === 'RUNNING' || isFinal(status) ? attempt : attempt + 1;
  return cursor?.kind === 'output' && cursor.attempt === current ? cursor : startOfAttempt(current);
}

export function cursorToId(cursor: EventCursor): string {
  const attempt = cursor.attempt.toString();
  switch (cursor.kind) {
    case 'output':
      return `${attempt}.${cursor.chunks.toString()}`;
    case 'end':
      return `${attempt}.end.${cursor.endedMs.toString()}`;
  }
}

const ID = /^(\d{1,15})\.(?:(\d{1,15})|end\.(\d{1,15}))$/;

/** Undefined when it is none that cursorToId wrote. */
export function cursorFromId(id: string): EventCursor | undefined {
  const [, attempt, chunks, endedMs] = ID.exec(id) ?? [];
  if (attempt === undefined) return undefined;
  return chunks === undefined
    ? { kind: 'end', attempt: Number(attempt), endedMs: Number(endedMs) }
    : { kind: 'output', attempt: Number(attempt), chunks: Number(chunks) };
}

/** Whether a reader may come from there: a job that waits has announced its next attempt, and no later one. */
export const isCursorFor = ({ attempt }: Job, cursor: EventCursor): boolean => cursor.attempt <= attempt + 1;

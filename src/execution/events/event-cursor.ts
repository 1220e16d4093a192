import { type Job, isFinal } from '../../jobs/job';

/** A position in the event stream of a job, after the last event that a client has received. Its text is the event id. */
export type EventCursor =
  /** After the first `chunks` chunks of the output of an attempt. */
  | { readonly kind: 'output'; readonly attempt: number; readonly chunks: number }
  /** After the result of the execution that ended at `endedMs` (ms since the epoch). */
  | { readonly kind: 'end'; readonly attempt: number; readonly endedMs: number };

/** Before the output of an attempt. */
export const startOfAttempt = (attempt: number): EventCursor => ({ kind: 'output', attempt, chunks: 0 });

/**
 * After the result of a final job. The attempt alone does not identify the result: a job that is queued again and
 * cancelled before it starts ends twice with the same attempt.
 */
export const endOfJob = ({ attempt, completedAt, updatedAt }: Job): EventCursor => ({
  kind: 'end',
  attempt,
  endedMs: Date.parse(completedAt ?? updatedAt),
});

/**
 * Where the next output starts: at `cursor` if that is in the current attempt, otherwise at the start of it. For a job
 * that has not started, the current attempt is the next one.
 */
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

/** @returns undefined when `cursorToId` cannot have written the id */
export function cursorFromId(id: string): EventCursor | undefined {
  const [, attempt, chunks, endedMs] = ID.exec(id) ?? [];
  if (attempt === undefined) return undefined;
  return chunks === undefined
    ? { kind: 'end', attempt: Number(attempt), endedMs: Number(endedMs) }
    : { kind: 'output', attempt: Number(attempt), chunks: Number(chunks) };
}

/** Whether the stream of this job can have sent the cursor: at most that of the next attempt, for a job that is queued. */
export const isCursorFor = ({ attempt }: Job, cursor: EventCursor): boolean => cursor.attempt <= attempt + 1;

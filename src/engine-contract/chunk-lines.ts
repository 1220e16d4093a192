import type { OutputChunk, StreamName } from './report';

/** A line of logs, as they are stored and served as NDJSON. */
interface ChunkLine {
  readonly seq: number;
  readonly t_ms: number;
  readonly stream: StreamName;
  /** The index of the input in `inputs`; undefined in executions with one `input`. */
  readonly input?: number | undefined;
  readonly data: string;
}

export function chunkToLine({ seq, tMs, stream, input, data }: OutputChunk): string {
  // JSON.stringify leaves out undefined fields.
  return `${JSON.stringify({ seq, t_ms: tMs, stream, input, data } satisfies ChunkLine)}\n`;
}

/** Parses a line that `chunkToLine` wrote, without checking it. */
export function chunkFromLine(line: string): OutputChunk {
  const { seq, t_ms, stream, input, data } = JSON.parse(line) as ChunkLine;
  return { seq, tMs: t_ms, stream, ...(input !== undefined && { input }), data };
}

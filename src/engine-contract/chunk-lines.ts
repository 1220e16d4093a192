/** The form in which logs are kept and served as NDJSON: `{seq, t_ms, stream, data}`, and `input` where there are many. */
import type { OutputChunk, StreamName } from './report';

interface ChunkLine {
  readonly seq: number;
  readonly t_ms: number;
  readonly stream: StreamName;
  readonly input?: number | undefined;
  readonly data: string;
}

export function chunkToLine({ seq, tMs, stream, input, data }: OutputChunk): string {
  // JSON leaves out what is undefined.
  return `${JSON.stringify({ seq, t_ms: tMs, stream, input, data } satisfies ChunkLine)}\n`;
}

/** Reads what chunkToLine wrote; not for lines of others. */
export function chunkFromLine(line: string): OutputChunk {
  const { seq, t_ms, stream, input, data } = JSON.parse(line) as ChunkLine;
  return { seq, tMs: t_ms, stream, ...(input !== undefined && { input }), data };
}

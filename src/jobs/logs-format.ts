import type { LogsFormat } from './downloads.service';

export const TEXT_CONTENT_TYPE = 'text/plain; charset=utf-8';
export const NDJSON_CONTENT_TYPE = 'application/x-ndjson; charset=utf-8';

/** Selects NDJSON if the Accept header (RFC 9110, section 12.5.1) names it with at least the quality of plain text. */
export function preferredFormat(accept = ''): LogsFormat {
  const chunks = quality(accept, 'application/x-ndjson');
  return chunks > 0 && chunks >= quality(accept, 'text/plain') ? 'ndjson' : 'text';
}

function quality(accept: string, wanted: string): number {
  const ranges = accept.split(',').map((range) => range.split(';').map((part) => part.trim().toLowerCase()));
  const parameters = ranges.find(([type]) => type === wanted)?.slice(1);
  const q = parameters?.find((parameter) => parameter.startsWith('q='));
  return parameters ? Number(q?.slice(2) ?? 1) : 0;
}

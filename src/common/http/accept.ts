/**
 * Whether a client prefers HTML to JSON (RFC 9110, 12.5.1): its Accept header names `text/html`, as those of browsers do,
 * and does not name `application/json` with the same or a higher quality. A wildcard alone means JSON.
 */
export function prefersHtml(accept: string | undefined): boolean {
  const html = qualityOf('text/html', accept);
  return html > 0 && html > qualityOf('application/json', accept);
}

/** @returns 0 to 1; 0 when the header does not name the media type */
function qualityOf(mediaType: string, accept = ''): number {
  for (const range of accept.split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (type !== mediaType) continue;
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return quality === undefined ? 1 : Number(quality.slice(2)) || 0;
  }
  return 0;
}

import { createHash } from 'node:crypto';

/**
 * Creates a weak entity tag (RFC 9110, 8.8.3): responses with the same tag may differ in minor fields such as the queue
 * position.
 */
export const createEntityTag = (version: string): string =>
  `W/"${createHash('sha256').update(version).digest('base64url').slice(0, 22)}"`;

/**
 * Evaluates If-None-Match (RFC 9110, 13.1.2) with the weak comparison.
 * @param ifNoneMatch the header: a list of tags, or `*` for any tag
 */
export function matchesEntityTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((listed) => removeWeakPrefix(listed.trim()) === removeWeakPrefix(tag));
}

const removeWeakPrefix = (tag: string): string => tag.replace(/^W\//, '');

/** Entity tags of answers (RFC 9110, 8.8.3 and 13.1.2). */
import { createHash } from 'node:crypto';

/** Weak: what does not matter, such as a place in a queue, may differ under one tag. */
export const createEntityTag = (version: string): string =>
  `W/"${createHash('sha256').update(version).digest('base64url').slice(0, 22)}"`;

/** @param ifNoneMatch the header, which may list several, or be `*` for any */
export function matchesEntityTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((listed) => opaque(listed.trim()) === opaque(tag));
}

/** The weak comparison. */
const opaque = (tag: string): string => tag.replace(/^W\//, '');

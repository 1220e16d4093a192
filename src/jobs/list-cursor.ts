/**
 * Cursors of keyset pagination. A cursor is opaque to clients and bound to the filters of its list. Its checksum detects
 * mistakes, such as a truncated cursor or one of another list. It does not stop attackers: a cursor is only a position, and a
 * client may read from every position.
 */
import { createHash } from 'node:crypto';
import { parse, validate } from 'uuid';

const ID_BYTES = 16;
const CHECKSUM_BYTES = 8;
const VERSION = 'jobs-v1';

export type Filters = Readonly<Record<string, string | undefined>>;

/** @param jobId the last id of the page; the next page starts after it */
export function encodeCursor(jobId: string, filters: Filters): string {
  const id = Buffer.from(parse(jobId));
  return Buffer.concat([id, checksum(id, filters)]).toString('base64url');
}

/** @returns the id to continue after; undefined if the cursor was altered or belongs to another list */
export function decodeCursor(cursor: string, filters: Filters): string | undefined {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== ID_BYTES + CHECKSUM_BYTES || bytes.toString('base64url') !== cursor) return undefined;
  const id = bytes.subarray(0, ID_BYTES);
  const jobId = hyphenated(id.toString('hex'));
  return validate(jobId) && bytes.subarray(ID_BYTES).equals(checksum(id, filters)) ? jobId : undefined;
}

/** Formats a UUID (RFC 9562, section 4). The uuid package throws on bytes that are not a UUID. */
const hyphenated = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

function checksum(id: Buffer, filters: Filters): Buffer {
  const canonical = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(VERSION)
    .update(id)
    .update(JSON.stringify(canonical))
    .digest()
    .subarray(0, CHECKSUM_BYTES);
}

/**
 * Cursors of keyset pages: opaque to clients, bound to the filters of their list, and refused when altered.
 *
 * The checksum guards against mistakes (a truncated cursor, one of another list), not against attackers: a cursor is
 * nothing but a position, and every position may be asked for.
 */
import { createHash } from 'node:crypto';
import { parse, validate } from 'uuid';

const ID_BYTES = 16;
const CHECKSUM_BYTES = 8;
const VERSION = 'jobs-v1';

export type Filters = Readonly<Record<string, string | undefined>>;

/** @param jobId the last id of the page; the next page begins after it */
export function encodeCursor(jobId: string, filters: Filters): string {
  const id = Buffer.from(parse(jobId));
  return Buffer.concat([id, checksum(id, filters)]).toString('base64url');
}

/** The id to go on after, or undefined when the cursor was not made for this list. */
export function decodeCursor(cursor: string, filters: Filters): string | undefined {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== ID_BYTES + CHECKSUM_BYTES || bytes.toString('base64url') !== cursor) return undefined;
  const id = bytes.subarray(0, ID_BYTES);
  const jobId = hyphenated(id.toString('hex'));
  return validate(jobId) && bytes.subarray(ID_BYTES).equals(checksum(id, filters)) ? jobId : undefined;
}

/** RFC 9562, 4; uuid's own function throws at bytes that are no UUID. */
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

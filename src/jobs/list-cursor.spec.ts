/** Cursors lead back to their position, in their own list alone. */
import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { decodeCursor, encodeCursor } from './list-cursor';

describe('A cursor', () => {
  const id = uuidv7();
  const filters = { status: 'FAILED', language: 'go', project: 'a & b' };

  it('gives back the id that it was made of, and fits into a URL as it is', () => {
    for (const job of Array.from({ length: 100 }, () => uuidv7())) {
      const cursor = encodeCursor(job, filters);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(decodeCursor(cursor, filters)).toBe(job);
    }
  });

  it('does not depend on the order of the filters, nor on whether an unset one is absent or undefined', () => {
    const cursor = encodeCursor(id, { language: 'go', status: undefined, project: 'p' });
    expect(decodeCursor(cursor, { project: 'p', language: 'go' })).toBe(id);
  });

  it.each([
    ['another value', { ...filters, status: 'SUCCESS' }],
    ['one filter less', { ...filters, project: undefined }],
    ['no filter', {}],
    ['values exchanged', { ...filters, status: 'go', language: 'FAILED' }],
    ['an empty value', { ...filters, project: '' }],
  ])('is none of a list with %s', (_what, others) => {
    expect(decodeCursor(encodeCursor(id, filters), others)).toBeUndefined();
  });

  it('is refused with any one character changed, added or taken away', () => {
    const cursor = encodeCursor(id, filters);
    for (let at = 0; at < cursor.length; at += 1) {
      const other = cursor[at] === 'A' ? 'B' : 'A';
      for (const altered of [
        cursor.slice(0, at) + other + cursor.slice(at + 1),
        cursor.slice(0, at) + cursor.slice(at + 1),
        `${cursor.slice(0, at)}${other}${cursor.slice(at)}`,
      ])
        expect([altered, decodeCursor(altered, filters)]).toEqual([altered, undefined]);
    }
  });

  it.each([
    '',
    '=',
    'null',
    id,
    `${encodeCursor(id, {})}=`,
    ` ${encodeCursor(id, {})}`,
    'é'.repeat(32),
    'A'.repeat(32),
  ])('is not %j', (text) => {
    expect(decodeCursor(text, {})).toBeUndefined();
  });

  it('with a checksum that fits, but of no UUID, is refused and is no fault', () => {
    const none = Buffer.alloc(16, 0x11);
    const checksum = createHash('sha256').update('jobs-v1').update(none).update('[]').digest().subarray(0, 8);
    const forged = Buffer.concat([none, checksum]).toString('base64url');
    expect(decodeCursor(forged, {})).toBeUndefined();
  });
});

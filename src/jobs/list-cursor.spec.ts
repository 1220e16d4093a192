import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { decodeCursor, encodeCursor } from './list-cursor';

describe('List cursors', () => {
  const id = uuidv7();
  const filters = { status: 'FAILED', language: 'go', project: 'a & b' };

  it('decode to the id that they were encoded from, and need no URL encoding', () => {
    for (const job of Array.from({ length: 100 }, () => uuidv7())) {
      const cursor = encodeCursor(job, filters);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(decodeCursor(cursor, filters)).toBe(job);
    }
  });

  it('do not depend on the order of the filters, nor on whether an unset filter is absent or undefined', () => {
    const cursor = encodeCursor(id, { language: 'go', status: undefined, project: 'p' });
    expect(decodeCursor(cursor, { project: 'p', language: 'go' })).toBe(id);
  });

  it.each([
    ['another value', { ...filters, status: 'SUCCESS' }],
    ['one filter less', { ...filters, project: undefined }],
    ['no filter', {}],
    ['values exchanged', { ...filters, status: 'go', language: 'FAILED' }],
    ['an empty value', { ...filters, project: '' }],
  ])('are rejected by a list with %s', (_what, others) => {
    expect(decodeCursor(encodeCursor(id, filters), others)).toBeUndefined();
  });

  it('are rejected if one character is changed, added or removed', () => {
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
  ])('reject the text %j', (text) => {
    expect(decodeCursor(text, {})).toBeUndefined();
  });

  it('are rejected without an error if the checksum is valid but the id is not a UUID', () => {
    const none = Buffer.alloc(16, 0x11);
    const checksum = createHash('sha256').update('jobs-v1').update(none).update('[]').digest().subarray(0, 8);
    const forged = Buffer.concat([none, checksum]).toString('base64url');
    expect(decodeCursor(forged, {})).toBeUndefined();
  });
});
